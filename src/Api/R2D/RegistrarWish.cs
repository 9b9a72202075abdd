using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Api.R2D;

/// <summary>What a registrar would like the organisation's source to say.</summary>
public abstract record RegistrarWish
{
    private RegistrarWish(string? source) => Source = source;

    /// <summary>The source; null where the organisation has one alone.</summary>
    public string? Source { get; }

    /// <summary>How it is written.</summary>
    public const string Form = "A draft is {kind: \"issue\", format, fields{}, source?, expires?, subject?, correction?} or {kind: \"status\", format, key[], change, reason?, source?}.";

    /// <summary>A record.</summary>
    /// <param name="By">The source.</param>
    /// <param name="Vct">Its format and version.</param>
    /// <param name="Fields">The format's own fields, open and hidden ones alike.</param>
    /// <param name="Expires">Seconds since 1970; null for never.</param>
    /// <param name="Subject">Pseudonym of the data subject; null where there is none.</param>
    /// <param name="Correction">Why an earlier record is put right; everyone can read it; null where it is none.</param>
    public sealed record Issue(string? By, string Vct, JsonObject Fields, long? Expires, string? Subject, string? Correction) : RegistrarWish(By);

    /// <summary>A change of a record's status.</summary>
    /// <param name="By">The source.</param>
    /// <param name="Format">Id of the record's format.</param>
    /// <param name="Key">Values of its key fields.</param>
    /// <param name="To">valid, suspended or revoked.</param>
    /// <param name="Reason">Why; everyone can read it; null for none.</param>
    public sealed record Status(string? By, string Format, JsonArray Key, string To, string? Reason) : RegistrarWish(By);

    /// <summary>Reads one; false when a member is missing, unknown or of the wrong kind.</summary>
    public static bool TryRead(JsonElement json, [NotNullWhen(true)] out RegistrarWish? wish)
    {
        wish = Text(json, "kind") switch
        {
            "issue" when Has(json, "kind", "format", "fields", "source", "expires", "subject", "correction") && Text(json, "format") is { } vct
                && json.TryGetProperty("fields", out var fields) && fields.ValueKind == JsonValueKind.Object && TryTime(json, out var expires) =>
                new Issue(Text(json, "source"), vct, (JsonObject)JsonNode.Parse(fields.GetRawText())!, expires, Text(json, "subject"),
                    Text(json, "correction")),
            "status" when Has(json, "kind", "format", "key", "change", "reason", "source") && Text(json, "format") is { } format && Text(json, "change") is { } change
                && json.TryGetProperty("key", out var key) && key.ValueKind == JsonValueKind.Array =>
                new Status(Text(json, "source"), format, (JsonArray)JsonNode.Parse(key.GetRawText())!, change, Text(json, "reason")),
            _ => null,
        };
        return wish is not null;
    }

    private static bool Has(JsonElement json, params ReadOnlySpan<string> known)
    {
        foreach (var member in json.EnumerateObject())
        {
            if (!known.Contains(member.Name) || (member.Name is "source" or "subject" or "reason" or "correction" && member.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null)))
            {
                return false;
            }
        }
        return true;
    }

    // A time as all others here are written, or seconds as the claim has them.
    private static bool TryTime(JsonElement json, out long? seconds)
    {
        seconds = null;
        if (!json.TryGetProperty("expires", out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return true;
        }
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number))
        {
            seconds = number;
        }
        else if (value.ValueKind == JsonValueKind.String && LedgerTime.TryParse(value.GetString()!, out var time))
        {
            seconds = time.UnixMs / 1000;
        }
        return seconds is >= 0;
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
