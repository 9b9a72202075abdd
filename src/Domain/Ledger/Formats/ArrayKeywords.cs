namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Reads the keywords for arrays.</summary>
internal static class ArrayKeywords
{
    private static readonly string[] Keywords = ["prefixItems", "items", "contains", "minItems", "maxItems", "uniqueItems"];

    public static ArrayRule? Read(KeywordReader reader)
    {
        var rule = new ArrayRule
        {
            Prefix = reader.SchemaList("prefixItems"),
            Items = reader.Schema("items"),
            Contains = reader.Schema("contains"),
            ContainsMin = reader.Count("minContains", 1),
            ContainsMax = reader.Count("maxContains", long.MaxValue),
            CountMin = reader.Count("minItems", 0),
            CountMax = reader.Count("maxItems", long.MaxValue),
            Unique = reader.Flag("uniqueItems"),
        };
        return Keywords.Any(reader.Has) ? rule : null;
    }
}
