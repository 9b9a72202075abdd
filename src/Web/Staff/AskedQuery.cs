using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace EventLedger.Web.Staff;

/// <summary>A question to the records as the query page's address holds it: a format, up to three conditions, an order, a page.</summary>
/// <param name="Format">Id of the format; empty before one was chosen.</param>
/// <param name="Conditions">Field, operator and value.</param>
/// <param name="Order">Field to go by, with <c>-</c> in front for the greatest first; empty for the log.</param>
/// <param name="After">Where the page before ended; empty for the first.</param>
/// <param name="AsOf">Height to speak as of; empty for the newest.</param>
public sealed record AskedQuery(string Format, IReadOnlyList<(string Field, string Op, string Value)> Conditions, string Order, string After, string AsOf)
{
    /// <summary>Rows of a page.</summary>
    public const int Rows = 50;

    private const int ConditionsMax = 3;

    /// <summary>Operators with the words for them.</summary>
    public static IReadOnlyList<(string Op, string Words)> Ops { get; } =
        [("eq", "is"), ("ne", "is not"), ("prefix", "begins with"), ("lt", "is less than"), ("le", "is at most"), ("gt", "is more than"), ("ge", "is at least")];

    /// <summary>Reads it from the page's address.</summary>
    public static AskedQuery From(IQueryCollection address) => new(address["format"].ToString(),
        [.. Enumerable.Range(1, ConditionsMax).Select(n => (address[$"f{n}"].ToString(), address[$"o{n}"].ToString() is { Length: > 0 } op ? op : "eq", address[$"v{n}"].ToString()))],
        address["order"].ToString(), address["after"].ToString(), address["asOf"].ToString());

    /// <summary>The same as the API's address.</summary>
    public string Api => QueryHelpers.AddQueryString("/u2s/v1/query", Parts(isPage: true));

    /// <summary>The rows without their number: of a wide question counting takes longer than showing the first rows.</summary>
    public string ApiUncounted => QueryHelpers.AddQueryString(Api, "total", "false");

    /// <summary>The number of all rows as of the block of a page, with one of them.</summary>
    public string ApiCounted(string asOf) => QueryHelpers.AddQueryString("/u2s/v1/query", (this with { AsOf = asOf }).Parts(isPage: false).Append(new("limit", "1")));

    /// <summary>The API's address of all rows.</summary>
    public string AllRows => QueryHelpers.AddQueryString("/u2s/v1/query", Parts(isPage: false));

    /// <summary>This page's address with another order, or from another place on.</summary>
    public string Page(string? order = null, string? after = null) => QueryHelpers.AddQueryString("/staff/query",
        Conditions.SelectMany((c, i) => c.Field.Length == 0 ? [] : new (string, string?)[] { ($"f{i + 1}", c.Field), ($"o{i + 1}", c.Op), ($"v{i + 1}", c.Value) })
            .Append(("format", Format)).Append(("order", order ?? Order)).Append(("after", after)).Append(("asOf", AsOf))
            .Where(p => !string.IsNullOrEmpty(p.Item2)).Select(p => KeyValuePair.Create(p.Item1, p.Item2)));

    /// <summary>The question as it is kept.</summary>
    /// <param name="typeOf">A field's type, for its value.</param>
    public JsonObject ToJson(Func<string, string?> typeOf)
    {
        var json = new JsonObject
        {
            ["from"] = new JsonObject
            {
                ["format"] = Format,
                ["where"] = new JsonArray([.. Said.Select(c => (JsonNode)new JsonObject { ["field"] = c.Field, ["op"] = c.Op, ["value"] = Value(c.Value, typeOf(c.Field)) })]),
            },
        };
        if (Order.Length > 0)
        {
            json["order"] = Order;
        }
        return json;
    }

    private IEnumerable<(string Field, string Op, string Value)> Said => Conditions.Where(c => c.Field.Length > 0 && c.Value.Length > 0);

    private IEnumerable<KeyValuePair<string, string?>> Parts(bool isPage)
    {
        yield return new("format", Format);
        foreach (var (field, op, value) in Said)
        {
            yield return new("where", $"{field},{op},{value}");
        }
        foreach (var (name, value) in new[] { ("order", Order), ("asOf", AsOf), ("after", isPage ? After : ""), ("limit", isPage ? Rows.ToString(CultureInfo.InvariantCulture) : "") })
        {
            if (value.Length > 0)
            {
                yield return new(name, value);
            }
        }
    }

    private static JsonNode Value(string text, string? type) => type switch
    {
        "integer" or "number" when decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        "boolean" when bool.TryParse(text, out var truth) => truth,
        _ => text,
    };
}
