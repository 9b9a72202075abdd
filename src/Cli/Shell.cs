using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Ledger;
using EventLedger.Wire;
using Spectre.Console;

namespace EventLedger.Cli;

/// <summary>What all commands share: the two ways to answer, and words for what can go wrong.</summary>
internal static class Shell
{
    // A file that cannot be read is no verdict: 1 and 2 are kept for what the ledger or a proof says.
    public const int Refused = 1, Usage = 64, NoInput = 66, OutOfReach = 69;

    public static readonly Option<bool> Json = new("--json") { Description = "Answer as one JSON object on standard output.", Recursive = true };

    public static readonly Option<Uri> Url = new("--url")
    {
        Description = "Address of the ledger.",
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https"))
            {
                return url;
            }
            result.AddError("--url takes an address such as http://localhost:8080.");
            return null!;
        },
        DefaultValueFactory = _ => new(Environment.GetEnvironmentVariable("LEDGER_URL") ?? "http://localhost:8080"),
    };

    private static readonly JsonSerializerOptions Pretty = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // What the ledger refuses because an earlier step is missing.
    private static readonly Dictionary<string, string> NextStep = new(StringComparer.Ordinal)
    {
        [RejectionCode.SourceUnknown] = "Ask with ./ledger register; an operator then admits it with ./ledger approve.",
        [RejectionCode.FormatUnknown] = "An operator registers it with ./ledger format FILE.",
        [RejectionCode.KeyUnknown] = "A source brings its key with ./ledger register; an operator's key stands in the genesis file or in a later role.",
    };

    public static async Task<int> Run(Command root, string[] args)
    {
        root.Options.Add(Json);
        var parsed = root.Parse(args);
        var json = parsed.GetValue(Json);
        if (parsed.Errors.Count > 0 && parsed.Action is System.CommandLine.Invocation.ParseErrorAction)
        {
            foreach (var error in parsed.Errors)
            {
                Fail(json, "usage", error.Message);
            }
            await Console.Error.WriteLineAsync("Try --help.");
            return Usage;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (LedgerProblemException e)
        {
            return Fail(json, e.Code, NextStep.TryGetValue(e.Code, out var next) ? $"{e.Message} {next}" : e.Message);
        }
        catch (GrpcException e)
        {
            Fail(json, "unreachable", $"A validator does not answer as it should: {e.Message} ./ledger doctor tells which.");
            return OutOfReach;
        }
        catch (HttpRequestException e)
        {
            Fail(json, "unreachable", $"The ledger does not answer ({e.Message}). Is it running, and is --url right?");
            return OutOfReach;
        }
        catch (Npgsql.NpgsqlException e)
        {
            Fail(json, "unreachable", $"The database does not answer as it should: {e.Message}");
            return OutOfReach;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException or FormatException or JsonException or ArgumentException)
        {
            Fail(json, "input", e.Message);
            return NoInput;
        }
        catch (OperationCanceledException)
        {
            return Fail(json, "cancelled", "Stopped. What was acknowledged stays; the same command goes on from there.");
        }
    }

    public static int Fail(bool json, string code, string detail)
    {
        if (json)
        {
            Console.Out.WriteLine(new JsonObject { ["ok"] = false, ["code"] = code, ["detail"] = detail }.ToJsonString());
        }
        else
        {
            Console.Error.WriteLine(detail.StartsWith(code, StringComparison.Ordinal) ? detail : $"{code}: {detail}");
        }
        return Refused;
    }

    /// <summary>Writes the answer as JSON, or in words.</summary>
    public static int Say(ParseResult parsed, JsonObject answer, string words, int exit = 0)
    {
        Console.Out.WriteLine(parsed.GetValue(Json) ? answer.ToJsonString(Pretty) : words);
        return exit;
    }

    /// <summary>Reads a file that holds one JSON object; throws <see cref="InvalidDataException"/> that names the file and what is wrong with it.</summary>
    public static JsonObject ReadObject(string path)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new InvalidDataException($"{path} does not hold a JSON object {{…}}.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is not JSON: {e.Message}", e);
        }
    }

    public static LedgerClient Connect(ParseResult parsed) => Connect(parsed.GetValue(Url)!);

    public static LedgerClient Connect(Uri url) => new(new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromMinutes(30) });

    /// <summary>Shows a bar with rate and time left on a terminal, a line now and then elsewhere, nothing with --json.</summary>
    public static async Task Progress(ParseResult parsed, string what, long total, Func<Action<long>, Task> work)
    {
        if (parsed.GetValue(Json))
        {
            await work(_ => { });
            return;
        }
        if (Console.IsErrorRedirected)
        {
            // In a log a line every few seconds is enough, and what is quick says nothing.
            var told = System.Diagnostics.Stopwatch.StartNew();
            await work(done =>
            {
                if (told.Elapsed > TimeSpan.FromSeconds(5))
                {
                    told.Restart();
                    Console.Error.WriteLine($"{what}: {done} of {total}");
                }
            });
            return;
        }
        var console = AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) });
        await console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RateColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var task = context.AddTask(what, maxValue: Math.Max(total, 1));
                await work(done => task.Value = done);
            });
    }

    private sealed class RateColumn : ProgressColumn
    {
        public override Spectre.Console.Rendering.IRenderable Render(Spectre.Console.Rendering.RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text($"{task.Speed ?? 0:N0}/s");
    }
}
