using System.Text.Json;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Keywords <c>const</c> and <c>enum</c>. Source: JSON Schema Validation 2020-12, 6.1.2 and 6.1.3.</summary>
internal sealed class ValueRule(string keyword, JsonElement[] values, ValueRule? also)
{
    private const int ListedMax = 20;

    private readonly string listed = string.Join(", ", values.Take(ListedMax).Select(v => v.GetRawText()))
        + (values.Length > ListedMax ? ", …" : "");

    public bool Evaluate(JsonElement value, ref Evaluation e)
    {
        var found = false;
        foreach (var candidate in values)
        {
            if (found = JsonEquality.AreEqual(value, candidate, ref e))
            {
                break;
            }
        }
        var ok = found || e.Fail(keyword, "Must be one of: {0}.", listed);
        return (also is null || also.Evaluate(value, ref e)) && ok;
    }
}
