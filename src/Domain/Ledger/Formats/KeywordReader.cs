using System.Runtime.InteropServices;
using System.Text.Json;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Reads the keywords of one schema; a value of the wrong shape is refused with its place.</summary>
internal sealed class KeywordReader(JsonElement schema, string pointer, SchemaCompiler compiler, bool assertsFormats)
{
    public string At(string keyword) => SchemaPointer.Join(pointer, keyword);

    public bool Has(string keyword) => schema.TryGetProperty(keyword, out _);

    public JsonElement? Value(string keyword) => schema.TryGetProperty(keyword, out var value) ? value : null;

    public SchemaNode? Schema(string keyword) => Has(keyword) ? compiler.Node(At(keyword)) : null;

    public SchemaNode[] SchemaList(string keyword) =>
        Value(keyword) is { } list ? [.. Enumerable.Range(0, list.GetArrayLength()).Select(i => compiler.Node($"{At(keyword)}/{i}"))] : [];

    public IEnumerable<(string Name, SchemaNode Node)> SchemasByName(string keyword) =>
        Value(keyword) is { } map ? map.EnumerateObject().Select(m => (m.Name, compiler.Node(SchemaPointer.Join(At(keyword), m.Name)))) : [];

    public string? Text(string keyword) =>
        Value(keyword) is not { } value ? null
        : value.ValueKind == JsonValueKind.String ? value.GetString()
        : throw Wrong(keyword, "Must be a string.");

    public bool Flag(string keyword) => Value(keyword)?.ValueKind switch
    {
        null or JsonValueKind.False => false,
        JsonValueKind.True => true,
        _ => throw Wrong(keyword, "Must be true or false."),
    };

    public long Count(string keyword, long otherwise)
    {
        if (Value(keyword) is not { } value)
        {
            return otherwise;
        }
        if (value.ValueKind == JsonValueKind.Number)
        {
            var raw = JsonMarshal.GetRawUtf8Value(value);
            if (ExactNumber.TryRead(raw, new byte[raw.Length], out var number) && number is { IsInteger: true, IsNegative: false })
            {
                return number.ToCount();
            }
        }
        throw Wrong(keyword, "Must be a whole number of at least 0.");
    }

    public NumberLimit? Limit(string keyword) =>
        Value(keyword) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && NumberLimit.TryRead(value) is { } limit ? limit
        : throw Wrong(keyword, $"Must be a number with an exponent of at most {ExactNumber.ExponentMax}.");

    public string[] Names(string keyword) => Value(keyword) is { } list ? Names(list, At(keyword)) : [];

    public static string[] Names(JsonElement list, string at)
    {
        if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(n => n.ValueKind != JsonValueKind.String))
        {
            throw new SchemaRefusal("keyword-type", at, "Must be an array of member names.");
        }
        string[] names = [.. list.EnumerateArray().Select(n => n.GetString()!)];
        return names.Distinct(StringComparer.Ordinal).Count() == names.Length
            ? names
            : throw new SchemaRefusal("keyword-type", at, "Names a member twice.");
    }

    public static SchemaPattern Pattern(string source, string at) =>
        SchemaPattern.TryCompile(source, out var pattern, out var why) ? pattern : throw new SchemaRefusal("pattern-unsupported", at, why);

    public SchemaRefusal Wrong(string keyword, string text) => new("keyword-type", At(keyword), text);

    public TypeRule? Type()
    {
        if (Value("type") is not { } value)
        {
            return null;
        }
        JsonElement[] names = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        var allowed = JsonTypes.None;
        foreach (var name in names)
        {
            var type = name.ValueKind == JsonValueKind.String ? TypeRule.Parse(name.GetString()) : JsonTypes.None;
            allowed = type != JsonTypes.None && (allowed & type) == 0
                ? allowed | type
                : throw Wrong("type", "Must be null, boolean, object, array, number, integer or string, or an array of some of them, each once.");
        }
        return allowed != JsonTypes.None ? new(allowed) : throw Wrong("type", "Must name at least one type.");
    }

    public ValueRule? Values()
    {
        var constant = Value("const") is { } only ? new ValueRule("const", [only.Clone()], null) : null;
        return Value("enum") is not { } list ? constant
            : list.ValueKind == JsonValueKind.Array ? new("enum", [.. list.EnumerateArray().Select(v => v.Clone())], constant)
            : throw Wrong("enum", "Must be an array of the allowed values.");
    }

    public NumberRule? Number()
    {
        var rule = new NumberRule
        {
            MultipleOf = Limit("multipleOf"),
            Maximum = Limit("maximum"),
            ExclusiveMaximum = Limit("exclusiveMaximum"),
            Minimum = Limit("minimum"),
            ExclusiveMinimum = Limit("exclusiveMinimum"),
        };
        if (rule.MultipleOf is { IsPositive: false })
        {
            throw Wrong("multipleOf", "Must be more than 0.");
        }
        return rule is { MultipleOf: null, Maximum: null, ExclusiveMaximum: null, Minimum: null, ExclusiveMinimum: null } ? null : rule;
    }

    public StringRule? String()
    {
        var rule = new StringRule { LengthMin = Count("minLength", 0), LengthMax = Count("maxLength", long.MaxValue) };
        if (Text("pattern") is { } source)
        {
            rule.Pattern = Pattern(source, At("pattern"));
        }
        if (Text("format") is { } format && assertsFormats)
        {
            rule.Format = FormatRule.Find(format)
                ?? throw new SchemaRefusal("format-unsupported", At("format"), $"Would not be checked: use one of {FormatRule.Known}, or a pattern.");
        }
        return rule is { LengthMin: 0, LengthMax: long.MaxValue, Pattern: null, Format: null } ? null : rule;
    }
}
