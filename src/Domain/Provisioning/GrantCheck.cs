using System.Diagnostics;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger.Formats;

namespace EventLedger.Domain.Provisioning;

/// <summary>What a party may read, as operators granted it.</summary>
/// <param name="Id">Name of the grant.</param>
/// <param name="Party">The organisation that may read.</param>
/// <param name="Dataset">A format, or a node of the directory above it: what is granted there holds for all formats below.</param>
/// <param name="Fields">The fields by name; empty for all fields of the data set.</param>
/// <param name="Purpose">What for; word by word, for a purpose that is nearly the same is another.</param>
/// <param name="NotAfter">The last moment at which it counts.</param>
public sealed record GrantTerms(string Id, string Party, string Dataset, IReadOnlyList<string> Fields, string Purpose, LedgerTime NotAfter);

/// <summary>One field that somebody wants to read.</summary>
/// <param name="Party">The organisation that asks; null for nobody that is known.</param>
/// <param name="Datasets">The record's format and every node of the directory above it.</param>
/// <param name="Field">Name of the field.</param>
/// <param name="Class">How its format classifies it.</param>
/// <param name="Purpose">What for; null where none was said.</param>
/// <param name="Time">When.</param>
public sealed record FieldRequest(string? Party, IReadOnlyList<string> Datasets, string Field, FieldClass Class, string? Purpose, LedgerTime Time);

/// <summary>The answer to a <see cref="FieldRequest"/>.</summary>
public abstract record GrantDecision
{
    private GrantDecision()
    {
    }

    /// <summary>It may be read.</summary>
    /// <param name="Grant">The grant that allows it; null where the field is public and needs none.</param>
    public sealed record Allowed(string? Grant) : GrantDecision;

    /// <summary>It may not.</summary>
    /// <param name="Reason">One of <see cref="GrantRefusal"/>.</param>
    /// <param name="Nearest">The grant that comes nearest to allowing it; null where the party has none for this data set.</param>
    public sealed record Refused(string Reason, string? Nearest) : GrantDecision;
}

/// <summary>Why a field may not be read; the first that applies.</summary>
public static class GrantRefusal
{
    /// <summary>Nobody knows who asks.</summary>
    public const string PartyUnknown = "party-unknown";

    /// <summary>No purpose was said, and personal data is not read without one.</summary>
    public const string PurposeMissing = "purpose-missing";

    /// <summary>The party has no grant for this data set.</summary>
    public const string NoGrant = "no-grant";

    /// <summary>Its grants name other fields.</summary>
    public const string OtherField = "other-field";

    /// <summary>Its grants are for other purposes.</summary>
    public const string OtherPurpose = "other-purpose";

    /// <summary>Its grants have run out.</summary>
    public const string Expired = "expired";
}

/// <summary>
/// Decides whether a field may be read: public ones by everybody; any other only by a party with a grant for the data set, the field and the purpose that has not
/// run out. Pure, so the answer to "who could read this" is the same function as the one that stands in front of the data.
/// </summary>
/// <remarks>Source: ITU-T Y.4561 (08/2020) 6.2.5, 7.2.2, 8.2; DESIGN section 8.</remarks>
public static class GrantCheck
{
    /// <summary>Decides on one field.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="grants">Grants that are in force, in any order; those that were revoked are not among them.</param>
    public static GrantDecision Decide(FieldRequest request, IEnumerable<GrantTerms> grants)
    {
        if (request.Class == FieldClass.Public)
        {
            return new GrantDecision.Allowed(null);
        }
        if (request.Party is null)
        {
            return new GrantDecision.Refused(GrantRefusal.PartyUnknown, null);
        }
        if (string.IsNullOrEmpty(request.Purpose))
        {
            return new GrantDecision.Refused(GrantRefusal.PurposeMissing, null);
        }
        // The grant that gets furthest through the checks says what is missing; of equals the first by name, so that two hosts answer alike.
        var nearest = grants.Where(g => g.Party == request.Party && request.Datasets.Contains(g.Dataset, StringComparer.Ordinal))
            .OrderByDescending(g => Passed(request, g)).ThenBy(g => g.Id, StringComparer.Ordinal).FirstOrDefault();
        return nearest is null ? new GrantDecision.Refused(GrantRefusal.NoGrant, null) : Passed(request, nearest) switch
        {
            0 => new GrantDecision.Refused(GrantRefusal.OtherField, nearest.Id),
            1 => new GrantDecision.Refused(GrantRefusal.OtherPurpose, nearest.Id),
            2 => new GrantDecision.Refused(GrantRefusal.Expired, nearest.Id),
            3 => new GrantDecision.Allowed(nearest.Id),
            _ => throw new UnreachableException(),
        };
    }

    private static int Passed(FieldRequest request, GrantTerms grant) =>
        grant.Fields.Count > 0 && !grant.Fields.Contains(request.Field, StringComparer.Ordinal) ? 0
        : grant.Purpose != request.Purpose ? 1
        : request.Time > grant.NotAfter ? 2
        : 3;
}
