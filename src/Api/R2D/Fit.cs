using System.Text.Json;
using EventLedger.Api.Http;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Domain.Ledger.Formats;

namespace EventLedger.Api.R2D;

/// <summary>Whether a record with its disclosed fields fits its format: what validators never see, only the host can check.</summary>
internal static class Fit
{
    private const int ErrorsMax = 3;

    /// <summary>Null when the whole record fits and exactly the classified fields are disclosed.</summary>
    public static Refusal? Problem(SdJwt record, RecordFormat format)
    {
        if (record.Disclosures.Count == 0)
        {
            // What is not there can only be missing; where no field is classified the ledger rules have seen everything.
            return format.Fields.Values.All(c => c == FieldClass.Public) ? null : Misfit(format.ValidateFull(record.Payload, ErrorsMax));
        }
        if (record.Disclose(out var problem) is null)
        {
            return new("disclosure-wrong", problem!);
        }
        var disclosed = new List<KeyValuePair<string, JsonElement>>(record.Disclosures.Count);
        foreach (var disclosure in record.Disclosures)
        {
            // Disclose has read each of them; only members of the payload itself have three parts.
            B64.TryDecode(disclosure, out var bytes);
            var parts = Jcs.TryParse(bytes)!.RootElement;
            if (parts.GetArrayLength() != 3)
            {
                return new("disclosure-wrong", "Only whole fields are hidden, not elements of an array.");
            }
            disclosed.Add(new(parts[1].GetString()!, parts[2]));
        }
        var hidden = disclosed.Find(d => !format.IsClassified(d.Key));
        return hidden.Key is null
            ? Misfit(format.ValidateFull(record.Payload, disclosed, ErrorsMax))
            : new("field-undisclosed", $"'{hidden.Key}' is no personal or restricted field of {format.Vct}: it must stand openly in the payload, or not at all.");
    }

    /// <summary>The catalog's words, and for a misfit which field it is.</summary>
    public static Refusal Explain(string code, SdJwt record, Registry registry) =>
        code is RejectionCode.SchemaMismatch or RejectionCode.FieldExposed
        && record.Payload.TryGetProperty("vct", out var vct) && registry.Formats.TryGetValue(vct.GetString()!, out var known)
        && Misfit(known.Format.ValidatePublic(record.Payload, ErrorsMax)) is { } misfit
            ? misfit with { Code = code }
            : code == RejectionCode.AssertionMissing && record.Payload.TryGetProperty("correction", out _) && registry.Formats.GetValueOrDefault(record.Payload.GetProperty("vct").GetString()!)?.Format.HasCorrection == true
            ? new(code, "A correction bears the assertion of two distinct registrars of the source's organisation; this one has none that holds.")
            : Refusal.Of(code);

    private static Refusal? Misfit(IReadOnlyList<SchemaError> errors) => errors.Count == 0
        ? null
        : new(RejectionCode.SchemaMismatch, string.Join(" ", errors.Select(e => $"{(e.Pointer.Length == 0 ? "record" : e.Pointer)}: {e.Text}")));
}
