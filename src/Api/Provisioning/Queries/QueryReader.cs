using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EventLedger.Api.Provisioning.Queries;

/// <summary>
/// Reads a query from JSON, <c>{from, join?, fields?, purpose?, limit?, after?, asOf?, versions?, total?, order?}</c>, or from an address. Whether formats and fields exist is asked
/// later; here only the form counts.
/// </summary>
public static class QueryReader
{
    private const int ConditionsMax = 16, ValuesMax = 100, TextLengthMax = 200, FieldsMax = 64, PairsMax = 4;

    /// <summary>From a JSON object; false with what is wrong and where.</summary>
    public static bool TryRead(JsonObject body, [NotNullWhen(true)] out RecordQuery? query, [NotNullWhen(false)] out string? problem)
    {
        (query, problem) = (null, null);
        try
        {
            Known(body, "the query", "from", "join", "fields", "purpose", "limit", "after", "asOf", "versions", "total", "order");
            var from = body["from"] switch
            {
                JsonObject one => (IReadOnlyList<Selection>)[ReadSelection(one, "from")],
                JsonArray several => [.. several.Select((s, i) => ReadSelection(s as JsonObject ?? throw new Unreadable($"from[{i}] is not an object."), $"from[{i}]"))],
                _ => throw new Unreadable("'from' is missing: {\"format\": …, \"where\": […]} or a list of such."),
            };
            if (from.Count is 0 or > RecordQuery.SelectionsMax)
            {
                throw new Unreadable($"'from' takes 1 to {RecordQuery.SelectionsMax} selections.");
            }
            var join = body["join"] is { } j ? ReadJoin(j as JsonObject ?? throw new Unreadable("'join' is not an object.")) : null;
            if (join is not null && from.Count > 1)
            {
                throw new Unreadable("'join' goes with one selection only.");
            }
            query = new(from, join, Texts(body["fields"], "fields", FieldsMax), Text(body["purpose"], "purpose"), (int)Number(body["limit"], "limit", 1, RecordQuery.LimitMax, 100),
                Text(body["after"], "after") is { } after ? Cursor.Parse(after) ?? throw new Unreadable("'after' is not what a page before gave as 'next'.") : null,
                body["asOf"] is null ? null : Number(body["asOf"], "asOf", 1, long.MaxValue, 1), (Text(body["versions"], "versions") ?? "newest") switch
                {
                    "newest" => true,
                    "all" => false,
                    _ => throw new Unreadable("'versions' is newest or all."),
                }, Truth(body["total"], "total", true), ReadOrder(Text(body["order"], "order")));
            if (query.Order is not null && (join is not null || from.Count > 1))
            {
                throw new Unreadable("'order' goes with one selection and without 'join'.");
            }
            if (query.After is { } place && (place.Value is null) != (query.Order?.Field is null))
            {
                throw new Unreadable("'after' is of a question in another order.");
            }
            return true;
        }
        catch (Unreadable e)
        {
            problem = e.Message;
            return false;
        }
    }

    /// <summary>From an address: <c>format</c>, <c>iss</c>, <c>where=field,op,value</c> (repeated), <c>fields</c> (comma), <c>limit</c>, <c>after</c>, <c>asOf</c>, <c>versions</c>, <c>total</c>, <c>order</c>.</summary>
    public static JsonObject FromAddress(IQueryCollection address, Func<string, string> typeOf)
    {
        var from = new JsonObject { ["format"] = address["format"].ToString() };
        if (address["iss"].ToString() is { Length: > 0 } iss)
        {
            from["iss"] = iss;
        }
        from["where"] = new JsonArray([.. address["where"].Select(w => w!.Split(',', 3)).Select(w => (JsonNode)new JsonObject
        {
            ["field"] = w[0], ["op"] = w.ElementAtOrDefault(1) ?? "",
            ["value"] = w.ElementAtOrDefault(1) == "in"
                ? new JsonArray([.. (w.ElementAtOrDefault(2) ?? "").Split('|').Select(v => Value(v, typeOf(w[0])))])
                : Value(w.ElementAtOrDefault(2) ?? "", typeOf(w[0])),
        })]);
        var body = new JsonObject { ["from"] = from };
        foreach (var name in (string[])["after", "versions", "purpose", "order"])
        {
            if (address[name].ToString() is { Length: > 0 } text)
            {
                body[name] = text;
            }
        }
        foreach (var name in (string[])["limit", "asOf"])
        {
            if (address[name].ToString() is { Length: > 0 } text)
            {
                body[name] = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : text;
            }
        }
        if (address["total"].ToString() is { Length: > 0 } total)
        {
            body["total"] = bool.TryParse(total, out var isWanted) ? isWanted : total;
        }
        if (address["fields"].ToString() is { Length: > 0 } fields)
        {
            body["fields"] = new JsonArray([.. fields.Split(',').Select(f => JsonValue.Create(f))]);
        }
        return body;
    }

    // An address knows only text; the format says whether a number is meant.
    private static JsonNode Value(string text, string type) => type switch
    {
        "integer" or "number" when decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        "boolean" when bool.TryParse(text, out var truth) => truth,
        _ => text,
    };

    // A field or -field; id is the place in the log.
    private static Order? ReadOrder(string? text) => text switch
    {
        null or "id" => null,
        "-id" => new(null, IsDescending: true),
        ['-', .. var field] when field.Length > 0 => new(field, IsDescending: true),
        { Length: > 0 } => new(text, IsDescending: false),
        _ => throw new Unreadable("'order' names a field, with - in front for the greatest first; id is the place in the log."),
    };

    private static Selection ReadSelection(JsonObject from, string at)
    {
        Known(from, at, "format", "iss", "where", "names");
        var where = from["where"] switch
        {
            null => [],
            JsonArray list => list.Select((c, i) => ReadCondition(c as JsonObject ?? throw new Unreadable($"{at}.where[{i}] is not an object."), $"{at}.where[{i}]")).ToList(),
            _ => throw new Unreadable($"'{at}.where' is not a list."),
        };
        if (where.Count > ConditionsMax)
        {
            throw new Unreadable($"'{at}.where' has at most {ConditionsMax} conditions.");
        }
        var names = from["names"] switch
        {
            null => [],
            JsonObject map => map.ToDictionary(m => m.Key, m => Text(m.Value, $"{at}.names.{m.Key}") ?? throw new Unreadable($"'{at}.names.{m.Key}' names no field."), StringComparer.Ordinal),
            _ => throw new Unreadable($"'{at}.names' is not an object."),
        };
        return new(Text(from["format"], $"{at}.format") is { Length: > 0 } format ? format : throw new Unreadable($"'{at}.format' names a format."), Text(from["iss"], $"{at}.iss"), where, names);
    }

    private static Condition ReadCondition(JsonObject condition, string at)
    {
        Known(condition, at, "field", "op", "value");
        var op = Text(condition["op"], $"{at}.op") ?? "eq";
        if (!Condition.Ops.Contains(op))
        {
            throw new Unreadable($"'{at}.op' is one of {string.Join(", ", Condition.Ops)}.");
        }
        var values = op == "in" ? condition["value"] as JsonArray ?? throw new Unreadable($"'{at}.value' of 'in' is a list.") : [condition["value"]?.DeepClone()];
        if (values.Count is 0 or > ValuesMax)
        {
            throw new Unreadable($"'{at}.value' has 1 to {ValuesMax} values.");
        }
        return new(Text(condition["field"], $"{at}.field") ?? throw new Unreadable($"'{at}.field' names a field."), op, [.. values.Select(v => Scalar(v, op, at))]);
    }

    private static JsonValue Scalar(JsonNode? node, string op, string at)
    {
        if (node is not JsonValue value || value.GetValueKind() is not (JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False))
        {
            throw new Unreadable($"'{at}.value' is a text, a number, or true or false.");
        }
        if (value.GetValueKind() == JsonValueKind.String)
        {
            var text = value.GetValue<string>();
            if (text.Length > TextLengthMax || text.Contains('\0', StringComparison.Ordinal))
            {
                throw new Unreadable($"'{at}.value' has at most {TextLengthMax} characters and none of them is NUL.");
            }
        }
        else if (op == "prefix")
        {
            throw new Unreadable($"'{at}.value' of 'prefix' is a text.");
        }
        return (JsonValue)value.DeepClone();
    }

    private static Join ReadJoin(JsonObject join)
    {
        Known(join, "join", "format", "iss", "where", "names", "on");
        var on = join["on"] as JsonArray;
        var pairs = on?.Select((p, i) => p is JsonArray { Count: 2 } pair
            ? (Text(pair[0], $"join.on[{i}][0]") ?? "", Text(pair[1], $"join.on[{i}][1]") ?? "")
            : throw new Unreadable($"'join.on[{i}]' is a pair of fields.")).ToList();
        if (pairs is not { Count: > 0 and <= PairsMax })
        {
            throw new Unreadable($"'join.on' has 1 to {PairsMax} pairs of fields: [[\"mine\", \"theirs\"]].");
        }
        var with = (JsonObject)join.DeepClone();
        with.Remove("on");
        return new(ReadSelection(with, "join"), pairs);
    }

    private static List<string> Texts(JsonNode? node, string at, int max) => node switch
    {
        null => [],
        JsonArray list when list.Count <= max => [.. list.Select((f, i) => Text(f, $"{at}[{i}]") ?? throw new Unreadable($"'{at}[{i}]' names nothing."))],
        _ => throw new Unreadable($"'{at}' is a list of at most {max} names."),
    };

    private static string? Text(JsonNode? node, string at) => node switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String && value.GetValue<string>() is var text && text.Length <= TextLengthMax
            && !text.Contains('\0', StringComparison.Ordinal) => text,
        _ => throw new Unreadable($"'{at}' is a text of at most {TextLengthMax} characters."),
    };

    private static long Number(JsonNode? node, string at, long min, long max, long without) => node switch
    {
        null => without,
        JsonValue value when value.GetValueKind() == JsonValueKind.Number && value.TryGetValue(out JsonElement element) && element.TryGetInt64(out var number) && number >= min && number <= max => number,
        JsonValue value when value.TryGetValue(out long number) && number >= min && number <= max => number,
        _ => throw new Unreadable(max == long.MaxValue ? $"'{at}' is a whole number from {min}." : $"'{at}' is a whole number from {min} to {max}."),
    };

    private static bool Truth(JsonNode? node, string at, bool without) => node switch
    {
        null => without,
        JsonValue value when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => value.GetValue<bool>(),
        _ => throw new Unreadable($"'{at}' is true or false."),
    };

    private static void Known(JsonObject node, string at, params ReadOnlySpan<string> members)
    {
        foreach (var (name, _) in node)
        {
            if (!members.Contains(name))
            {
                throw new Unreadable($"{at} has a member '{name}', which it does not take.");
            }
        }
    }

    private sealed class Unreadable(string message) : Exception(message);
}
