using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger.Formats;

namespace EventLedger.Domain.Ledger;

/// <summary>What two records of the ledger may not share.</summary>
public enum UniqueKind
{
    /// <summary>A source's <c>jti</c>.</summary>
    Jti = 1,

    /// <summary>A place in a source's status list.</summary>
    StatusIndex = 2,
}

/// <summary>One value that may be taken once.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Key">SHA-256 of the value in its scope.</param>
public readonly record struct Unique(UniqueKind Kind, Digest Key);

/// <summary>The claims that every record carries beside its own fields.</summary>
/// <param name="Iss">The source's URI.</param>
/// <param name="Vct">Format id and version: <c>urn:eventledger:id:version</c>.</param>
/// <param name="Ledger">Chain id: no replay elsewhere.</param>
/// <param name="Jti">The source's own id of this submission, 1 to 128 characters.</param>
/// <param name="Iat">Seconds since 1970; it never decides.</param>
/// <param name="Exp">Seconds since 1970 from which the record counts as expired; null for never.</param>
/// <param name="Sub">Pseudonym of the data subject, if there is one.</param>
/// <param name="Status">Place in the source's status list, if the format has a life cycle.</param>
public sealed record Claims(string Iss, string Vct, string Ledger, string Jti, long Iat, long? Exp, string? Sub, (long Idx, string Uri)? Status)
{
    /// <summary>Reads them from a payload; false when one is missing or of the wrong kind.</summary>
    public static bool TryRead(JsonElement payload, [NotNullWhen(true)] out Claims? claims)
    {
        claims = null;
        string? iss = null, vct = null, ledger = null, jti = null, sub = null;
        long? iat = null, exp = null;
        (long, string)? status = null;
        foreach (var member in payload.EnumerateObject())
        {
            var ok = member.Name switch
            {
                "iss" => TryText(member.Value, 256, out iss),
                "vct" => TryText(member.Value, 200, out vct),
                "ledger" => TryText(member.Value, 128, out ledger),
                "jti" => TryText(member.Value, 128, out jti),
                "sub" => TryText(member.Value, 128, out sub),
                "iat" => TrySeconds(member.Value, out iat),
                "exp" => TrySeconds(member.Value, out exp),
                "status" => TryStatus(member.Value, out status),
                _ => true,
            };
            if (!ok)
            {
                return false;
            }
        }
        if (iss is null || vct is null || ledger is null || jti is null || iat is not { } issued)
        {
            return false;
        }
        claims = new(iss, vct, ledger, jti, issued, exp, sub, status);
        return true;
    }

    /// <summary>What the record claims for itself alone.</summary>
    public IEnumerable<Unique> Uniques()
    {
        // The kind and the length keep two values of different make from ever being one text.
        yield return new(UniqueKind.Jti, Digest.Of(string.Create(CultureInfo.InvariantCulture, $"jti\n{Iss.Length}\n{Iss}\n{Jti}")));
        if (Status is { } s)
        {
            // A list has one place for an index, from whatever address it is served.
            yield return StatusPlace(Iss, s.Uri[(s.Uri.LastIndexOf('/') + 1)..], s.Idx);
        }
    }

    /// <summary>A place in a source's status list, as the record that holds it claims it.</summary>
    /// <param name="iss">The source.</param>
    /// <param name="list">What the list's address ends with: its number.</param>
    /// <param name="index">The place.</param>
    public static Unique StatusPlace(string iss, string list, long index) =>
        new(UniqueKind.StatusIndex, Digest.Of(string.Create(CultureInfo.InvariantCulture, $"status\n{iss.Length}\n{iss}\n{list}\n{index}")));

    private static bool TryText(JsonElement value, int lengthMax, out string? text)
    {
        text = value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return text is { Length: > 0 } && text.Length <= lengthMax;
    }

    private static bool TrySeconds(JsonElement value, out long? seconds)
    {
        seconds = value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var s) && s is >= 0 and <= 253_402_300_799 ? s : null;
        return seconds is not null;
    }

    private static bool TryStatus(JsonElement value, out (long, string)? status)
    {
        status = null;
        if (!Members.TryRead(value, out var m, "status_list") || !Members.TryRead(m["status_list"], out var list, "idx", "uri")
            || !list.TryLong("idx", 0, out var idx) || !list.TryText("uri", out var uri))
        {
            return false;
        }
        status = (idx, uri);
        return true;
    }
}

/// <summary>
/// The rules for one signed record, the same for the host before it appends and for every validator before it votes. They see the JWT without
/// disclosures only. Source: DESIGN section 3 "What the ledger rules see".
/// </summary>
public static class RecordRules
{
    /// <summary>How far <c>iat</c> may lie after the entry's time: 5 minutes, in milliseconds.</summary>
    public const long IatAheadMsMax = 5 * 60 * 1000;

    /// <summary><c>vct</c> of a status change.</summary>
    public const string StatusVct = "urn:eventledger:status:1";

    /// <summary>Checks a record that is to become <c>submission_accepted</c>.</summary>
    /// <param name="record">The parsed record.</param>
    /// <param name="registry">State before it.</param>
    /// <param name="chain">Chain id.</param>
    /// <param name="seq">Its seq, or one beyond the newest before it has one.</param>
    /// <param name="time">Entry time.</param>
    /// <param name="previous">Time of the previous header.</param>
    /// <param name="signatureOk">What an earlier check of the signature found; null when there was none.</param>
    /// <param name="facts">The claims, the format and the stream, when nothing is wrong but perhaps that a registrar's assertion is missing.</param>
    /// <returns>A rejection code, or null.</returns>
    public static string? CheckSubmission(SdJwt record, Registry registry, string chain, long seq, LedgerTime time, LedgerTime previous, bool? signatureOk,
        out SubmissionFacts facts)
    {
        facts = default;
        if (!Claims.TryRead(record.Payload, out var claims))
        {
            return RejectionCode.RecordMalformed;
        }
        if (CheckIssuer(record, claims, registry, chain, seq, time, previous, signatureOk) is { } problem)
        {
            return problem;
        }
        if (!registry.Formats.TryGetValue(claims.Vct, out var known))
        {
            return RejectionCode.FormatUnknown;
        }
        var format = known.Format;
        if (known.Retired)
        {
            return RejectionCode.FormatRetired;
        }
        var profile = registry.Sources[claims.Iss].Profile;
        if (!format.Allows(claims.Iss) || profile?.Formats?.Contains(claims.Vct, StringComparer.Ordinal) == false)
        {
            return RejectionCode.SourceNotAllowed;
        }
        if (format.HasLifecycle != claims.Status is not null || (claims.Status is { } s && !IsOwnList(claims.Iss, s)))
        {
            return RejectionCode.StatusMalformed;
        }
        if (!format.IsPublicValid(record.Payload) || format.StreamOf(record.Payload) is not { } stream)
        {
            return record.Payload.EnumerateObject().Any(m => format.IsClassified(m.Name)) ? RejectionCode.FieldExposed : RejectionCode.SchemaMismatch;
        }
        if (format.Metadata is { } required && RecordMetadata.Problem(record.Payload, required, time) is { } gap)
        {
            return gap;
        }
        var isCorrection = record.Payload.TryGetProperty("correction", out var reason) && format.HasCorrection;
        if (isCorrection && (reason.ValueKind != JsonValueKind.String || reason.GetString()!.Length is 0 or > Assertion.ReasonLengthMax))
        {
            return RejectionCode.RecordMalformed;
        }
        facts = new(claims, format, stream, isCorrection);
        // Where nobody asks for a registrar's word, one that stands there must hold all the same: whoever reads it relies on it.
        var isAsserted = isCorrection || profile?.Assertion == true || (format.HasAssertion && record.Payload.TryGetProperty("assertion", out _));
        return isAsserted && Assertion.Signers(record.Payload, claims.Iss, EventTable.SubmissionAccepted, registry, chain, seq, time, previous) is null
            ? RejectionCode.AssertionMissing
            : null;
    }

    /// <summary>Checks a record that is to become <c>status_changed</c>; whether its target exists is for the caller to see. It may bear a registrar's assertion.</summary>
    public static string? CheckStatusChange(SdJwt record, Registry registry, string chain, long seq, LedgerTime time, LedgerTime previous, bool? signatureOk,
        out StatusChangeFacts facts)
    {
        facts = default;
        if (!Claims.TryRead(record.Payload, out var claims) || claims.Vct != StatusVct
            || !Members.TryRead(record.Payload, out var m, "assertion?", "change", "iat", "iss", "jti", "ledger", "reason?", "record", "vct")
            || !m.TryText("change", out var change) || change is not (RecordStatus.Valid or RecordStatus.Suspended or RecordStatus.Revoked)
            || (m.Has("reason") && !m.TryText("reason", out _))
            || !Members.TryRead(m["record"], out var target, "format", "key") || !target.TryText("format", out var format)
            || target["key"].ValueKind != JsonValueKind.Array)
        {
            return RejectionCode.RecordMalformed;
        }
        if (CheckIssuer(record, claims, registry, chain, seq, time, previous, signatureOk) is { } problem)
        {
            return problem;
        }
        if (!registry.Formats.Values.Any(f => f.Format.Id == format && f.Format.HasLifecycle))
        {
            return RejectionCode.RecordUnknown;
        }
        facts = new(claims, change, StreamOf(claims.Iss, format, target["key"]));
        return m.Has("assertion") && Assertion.Signers(record.Payload, claims.Iss, EventTable.StatusChanged, registry, chain, seq, time, previous) is null
            ? RejectionCode.AssertionMissing
            : null;
    }

    /// <summary>The stream of a record: <c>record-</c> and SHA-256 of JCS <c>[iss, format id, key values]</c>, so that only its own source supersedes it.</summary>
    public static string StreamOf(string iss, string formatId, JsonElement keyValues) =>
        $"record-{Digest.Of(Jcs.Bytes(new JsonArray(iss, formatId, JsonNode.Parse(keyValues.GetRawText()))))}";

    /// <summary>Signs a change of status.</summary>
    public static string CreateStatusChange(SigningKey key, string iss, string ledger, string jti, LedgerTime now, string formatId, JsonArray keyValues, string change,
        string? reason) => SdJwt.Create(key, StatusChangePayload(iss, ledger, jti, now, formatId, keyValues, change, reason));

    /// <summary>What a change of status says.</summary>
    public static JsonObject StatusChangePayload(string iss, string ledger, string jti, LedgerTime now, string formatId, JsonArray keyValues, string change, string? reason)
    {
        var payload = new JsonObject
        {
            ["iss"] = iss, ["vct"] = StatusVct, ["ledger"] = ledger, ["jti"] = jti, ["iat"] = now.UnixMs / 1000, ["change"] = change,
            ["record"] = new JsonObject { ["format"] = formatId, ["key"] = keyValues.DeepClone() },
        };
        if (reason is not null)
        {
            payload["reason"] = reason;
        }
        return payload;
    }

    private static string? CheckIssuer(SdJwt record, Claims claims, Registry registry, string chain, long seq, LedgerTime time, LedgerTime previous, bool? signatureOk)
    {
        if (claims.Ledger != chain)
        {
            return RejectionCode.LedgerWrong;
        }
        if (claims.Iat * 1000 > time.UnixMs + IatAheadMsMax)
        {
            return RejectionCode.IatFuture;
        }
        if (!registry.Sources.TryGetValue(claims.Iss, out var source))
        {
            return RejectionCode.SourceUnknown;
        }
        if (source.State != SourceState.Active)
        {
            return RejectionCode.SourceInactive;
        }
        if (!registry.Keys.TryGetValue(record.Kid, out var key))
        {
            return RejectionCode.KeyUnknown;
        }
        if (key.Purpose != KeyPurpose.Record || key.Owner != claims.Iss)
        {
            return RejectionCode.KeyPurpose;
        }
        if (!key.IsValidAt(seq, previous))
        {
            return RejectionCode.KeyInvalid;
        }
        return signatureOk ?? record.IsSignedBy(key.Jwk) ? null : RejectionCode.SignatureWrong;
    }

    // The list must be one of the source's own, wherever the ledger is served from.
    private static bool IsOwnList(string iss, (long Idx, string Uri) status)
    {
        var path = $"/status/{Digest.Of(iss).ToString().AsSpan(0, 16)}/";
        var at = status.Uri.IndexOf(path, StringComparison.Ordinal);
        var n = at < 0 ? "" : status.Uri[(at + path.Length)..];
        return status.Idx < StatusList.Capacity && status.Uri.Length <= 512 && n.Length is > 0 and < 10 && (n[0] != '0' || n.Length == 1) && n.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0
            && Encoding.UTF8.GetByteCount(status.Uri) == status.Uri.Length;
    }
}

/// <summary>What a valid submission says.</summary>
/// <param name="Claims">Its envelope.</param>
/// <param name="Format">Its format.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="IsCorrection">Whether it puts an earlier record right; whether there is one is for the caller to see.</param>
public readonly record struct SubmissionFacts(Claims Claims, RecordFormat Format, string Stream, bool IsCorrection);

/// <summary>What a valid change of status says.</summary>
/// <param name="Claims">Its envelope.</param>
/// <param name="Change">valid, suspended or revoked.</param>
/// <param name="Stream">The stream that it acts on.</param>
public readonly record struct StatusChangeFacts(Claims Claims, string Change, string Stream);
