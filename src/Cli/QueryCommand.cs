using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;

namespace EventLedger.Cli;

/// <summary><c>ledger query</c>: records by conditions on their fields, as a list or as a file with all rows.</summary>
internal static class QueryCommand
{
    public static Command Create()
    {
        var format = new Argument<string>("format") { Description = "Id of the format." };
        var where = new Option<string[]>("--where")
        {
            Description = "A condition: FIELD OP VALUE with OP one of eq ne lt le gt ge prefix in (values of 'in' with | between); all must hold.", AllowMultipleArgumentsPerToken = false,
        };
        var (iss, fields) = (new Option<string?>("--iss") { Description = "Only records of this source." }, new Option<string?>("--fields") { Description = "Field names with commas between." });
        var limit = new Option<int>("--limit") { Description = "Rows to show, 1 to 1000.", DefaultValueFactory = _ => 20 };
        var asOf = new Option<long?>("--as-of") { Description = "Height of the block to speak as of." };
        var all = new Option<bool>("--all-versions") { Description = "Also versions that a newer one took the place of." };
        var file = new Option<FileInfo?>("--output") { Description = "Writes all rows to this file: .csv, or lines of JSON otherwise." };
        var command = new Command("query", "Lists records whose fields meet conditions, with an exact count.") { format, where, iss, fields, limit, asOf, all, file, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var ledger = Shell.Connect(parsed);
            var address = new QueryBuilder("/u2s/v1/query")
                .With("format", parsed.GetValue(format)).With("iss", parsed.GetValue(iss)).With("fields", parsed.GetValue(fields))
                .With("limit", parsed.GetValue(limit)).With("asOf", parsed.GetValue(asOf)).With("versions", parsed.GetValue(all) ? "all" : "newest");
            foreach (var condition in parsed.GetValue(where) ?? [])
            {
                address.With("where", Comma(condition));
            }
            if (parsed.GetValue(file) is not { } output)
            {
                return Show(parsed, await ledger.Get(address.ToString(), cancel));
            }
            await using (var stream = output.Create())
            {
                await ledger.Download(address.ToString(), output.Extension == ".csv" ? "text/csv" : "application/x-ndjson", stream, cancel);
            }
            return Shell.Say(parsed, new() { ["file"] = output.FullName, ["bytes"] = new FileInfo(output.FullName).Length }, $"All rows are in {output.FullName}.");
        });
        return command;
    }

    private static string Comma(string condition) => condition.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries) is [var field, var op, var value]
        ? $"{field},{op},{value}"
        : throw new ArgumentException($"'{condition}' is no condition: FIELD OP VALUE, as in \"seats ge 100\".");

    private static int Show(ParseResult parsed, JsonObject page)
    {
        var rows = page["items"]!.AsArray().Select(i => string.Create(CultureInfo.InvariantCulture,
            $"{i!["id"],8}  {i["title"]}  {string.Join("  ", i["fields"]!.AsObject().Select(f => $"{f.Key}={f.Value}"))}"));
        return Shell.Say(parsed, page, string.Join('\n', rows.Append(string.Create(CultureInfo.InvariantCulture, $"{page["total"]} in all as of block {page["asOf"]!["height"]}."))));
    }

    // An address with its query; what is null is left out.
    private sealed class QueryBuilder(string path)
    {
        private readonly List<string> parts = [];

        public QueryBuilder With(string name, object? value)
        {
            if (value is not null)
            {
                parts.Add($"{name}={Uri.EscapeDataString(Convert.ToString(value, CultureInfo.InvariantCulture)!)}");
            }
            return this;
        }

        public override string ToString() => $"{path}?{string.Join('&', parts)}";
    }
}

/// <summary><c>ledger search</c>: one box for numbers, hashes, heights, ids, sources and words.</summary>
internal static class SearchCommand
{
    public static Command Create()
    {
        var text = new Argument<string>("text") { Description = "A number, hash, height, id or source, or words; \"phrases\", or, -not." };
        var command = new Command("search", "Finds what a text names, and the records that hold its words.") { text, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var page = await Shell.Connect(parsed).Search(parsed.GetValue(text)!, cancel: cancel);
            var lines = page["exact"]!.AsArray().Select(e => $"{e!["kind"],8}  {e["title"]}  {e["href"]}")
                .Concat(page["items"]!.AsArray().Select(i => $"{i!["id"],8}  {i["title"]}  {i["issuer"]!["name"]}"))
                .Append($"{page["total"]} records hold these words as of block {page["asOf"]!["height"]}.");
            return Shell.Say(parsed, page, string.Join('\n', lines));
        });
        return command;
    }
}

/// <summary><c>ledger trace</c>: the way of a record from its source, hop by hop; exit 1 when a hop is broken.</summary>
internal static class TraceCommand
{
    public static Command Create()
    {
        var id = new Argument<long>("record") { Description = "Id of the record." };
        var prov = new Option<FileInfo?>("--prov") { Description = "Writes the lineage as W3C PROV-JSON to this file." };
        var command = new Command("trace", "Follows a record from its source to this answer and checks every hop: intact (0) or broken (1).") { id, prov, Shell.Url };
        command.SetAction(async (parsed, cancel) =>
        {
            var ledger = Shell.Connect(parsed);
            var path = await ledger.Get(string.Create(CultureInfo.InvariantCulture, $"/u2s/v1/records/{parsed.GetValue(id)}/path"), cancel);
            if (parsed.GetValue(prov) is { } file)
            {
                await File.WriteAllBytesAsync(file.FullName, await ledger.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/u2s/v1/records/{parsed.GetValue(id)}/prov"), cancel), cancel);
            }
            var intact = path["isIntact"]!.GetValue<bool>();
            var hops = path["hops"]!.AsArray().Select(h => $"{(h!["isIntact"]!.GetValue<bool>() ? "yes" : "NO "),-4}{h["name"],-10} {h["time"] ?? "",-25} {h["text"]}");
            return Shell.Say(parsed, path, string.Join('\n', hops.Append(intact ? "Intact." : $"Broken at: {path["brokenAt"]}.")), intact ? 0 : 1);
        });
        return command;
    }
}
