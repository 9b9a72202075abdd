namespace EventLedger.Domain.Ledger;

/// <summary>The three answers there are; the number is the CLI's exit code.</summary>
public enum Judgement
{
    /// <summary>Everything was checked and holds.</summary>
    Authentic = 0,

    /// <summary>Something is provably wrong.</summary>
    NotAuthentic = 1,

    /// <summary>Nothing is wrong, but not everything that is needed could be checked.</summary>
    CannotTell = 2,
}

/// <summary>One thing that was checked.</summary>
/// <param name="Name">content, issuer, sealed, status.</param>
/// <param name="Ok">True, false, or null when it could not be checked.</param>
/// <param name="Text">In plain words.</param>
public sealed record VerdictCheck(string Name, bool? Ok, string Text);

/// <summary>What a verifier says, with its reason. Source: DESIGN section 3 "Verdict".</summary>
/// <param name="Judgement">authentic, not-authentic or cannot-tell.</param>
/// <param name="Code">Reason from <see cref="VerdictCode"/>; for an authentic record <c>ok</c> or its proved status.</param>
/// <param name="Checks">What was checked, in order.</param>
public sealed record Verdict(Judgement Judgement, string Code, IReadOnlyList<VerdictCheck> Checks)
{
    /// <summary>authentic, not-authentic or cannot-tell.</summary>
    public string Word => Judgement switch
    {
        Judgement.Authentic => "authentic",
        Judgement.NotAuthentic => "not-authentic",
        _ => "cannot-tell",
    };
}

/// <summary>Reason codes of a verdict: a closed list, the same in every verifier.</summary>
public static class VerdictCode
{
    /// <summary>Authentic; where the record has a status, it is valid.</summary>
    public const string Ok = "ok";

    /// <summary>Not JSON at all.</summary>
    public const string NotJson = "not-json";

    /// <summary>JSON, but not in its canonical form.</summary>
    public const string NotCanonical = "not-canonical";

    /// <summary>A member is missing, unknown or of the wrong kind.</summary>
    public const string Members = "members";

    /// <summary>A format version that this verifier does not know.</summary>
    public const string Version = "version";

    /// <summary>Made for another chain.</summary>
    public const string Chain = "chain";

    /// <summary>The issuer key is not the one the record names.</summary>
    public const string IssuerKey = "issuer-key";

    /// <summary>The issuer's signature does not verify, or the record is malformed.</summary>
    public const string IssuerSignature = "issuer-signature";

    /// <summary>A disclosure matches no digest, or one twice.</summary>
    public const string Disclosure = "disclosure";

    /// <summary>The entry is not an entry of a record, or its time is impossible.</summary>
    public const string Entry = "entry";

    /// <summary>The record is not the one in the entry.</summary>
    public const string RecordMismatch = "record-mismatch";

    /// <summary>The path does not lead from the entry to the root.</summary>
    public const string Inclusion = "inclusion";

    /// <summary>The list of rejected entries is not the one that was sealed.</summary>
    public const string Results = "results";

    /// <summary>The entry was sealed as rejected.</summary>
    public const string Rejected = "rejected";

    /// <summary>The header does not fit the entry or the commit.</summary>
    public const string Header = "header";

    /// <summary>A signature of the commit is not by a member, repeated, or does not verify.</summary>
    public const string Commit = "commit";

    /// <summary>Not more than two thirds of the voting power signed.</summary>
    public const string Quorum = "quorum";

    /// <summary>The chain of validator sets does not hold.</summary>
    public const string SetChain = "set-chain";

    /// <summary>The record has a life cycle and the bundle proves no status.</summary>
    public const string StatusMissing = "status-missing";

    /// <summary>The status is of another record.</summary>
    public const string StatusRecord = "status-record";

    /// <summary>The status is not signed as it must be.</summary>
    public const string StatusSignature = "status-signature";

    /// <summary>The status is of another height or time than it says.</summary>
    public const string StatusHeight = "status-height";
}
