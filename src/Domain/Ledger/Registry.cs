using System.Collections.Immutable;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger.Formats;

namespace EventLedger.Domain.Ledger;

/// <summary>How a person's key is kept.</summary>
public enum PersonKeyKind
{
    /// <summary>Not a person's key.</summary>
    None,

    /// <summary>A file used by the CLI.</summary>
    Cli,

    /// <summary>A WebAuthn authenticator that verifies its user.</summary>
    Passkey,

    /// <summary>A non-extractable WebCrypto key of one browser; never counts alone.</summary>
    Browser,
}

/// <summary>A registered key: what it may sign and when. What was signed in that time stays valid.</summary>
/// <param name="Jwk">The public key.</param>
/// <param name="Purpose">The one purpose.</param>
/// <param name="Owner">A source's URI or a person's pseudonym.</param>
/// <param name="FromSeq">Seq of its registration: valid for later entries.</param>
/// <param name="UntilSeq">Seq of its revocation: valid for earlier entries.</param>
/// <param name="NotBefore">Earliest previous header time.</param>
/// <param name="NotAfter">Latest previous header time.</param>
/// <param name="Kind">For a person's key.</param>
public sealed record KeyRecord(Jwk Jwk, string Purpose, string Owner, long FromSeq, long UntilSeq = long.MaxValue, LedgerTime? NotBefore = null,
    LedgerTime? NotAfter = null, PersonKeyKind Kind = PersonKeyKind.None)
{
    /// <summary>Whether an entry with this seq, in a block after a header of this time, may bear the key's signature.</summary>
    public bool IsValidAt(long seq, LedgerTime previous) =>
        seq > FromSeq && seq < UntilSeq && (NotBefore is not { } from || previous >= from) && (NotAfter is not { } to || previous <= to);
}

/// <summary>Where a source stands.</summary>
public enum SourceState
{
    /// <summary>May submit.</summary>
    Active,

    /// <summary>May not submit for now.</summary>
    Suspended,

    /// <summary>Has ended.</summary>
    Retired,
}

/// <summary>A registered source.</summary>
/// <param name="Iss">Its URI.</param>
/// <param name="Name">What people call it.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Profile">What belongs to it; null while nobody said.</param>
public sealed record Source(string Iss, string Name, SourceState State, SourceProfile? Profile = null);

/// <summary>A registered format version.</summary>
/// <param name="Format">Its definition.</param>
/// <param name="Retired">Whether it takes no more records.</param>
public sealed record FormatRecord(RecordFormat Format, bool Retired);

/// <summary>Roles of people. Source: DESIGN section 8.</summary>
public static class Role
{
    /// <summary>Controls the ledger.</summary>
    public const string Operator = "operator";

    /// <summary>Watches it.</summary>
    public const string Supervisor = "supervisor";

    /// <summary>Issues licences.</summary>
    public const string Registrar = "registrar";

    /// <summary>Co-signs certificates.</summary>
    public const string Notary = "notary";

    /// <summary>Whether the text is one of the four.</summary>
    public static bool IsKnown(string role) => role is Operator or Supervisor or Registrar or Notary;
}

/// <summary>Who may do what: the state that all authority is checked against, folded from sealed valid events alone.</summary>
/// <param name="Keys">Keys by thumbprint.</param>
/// <param name="Sources">Sources by URI.</param>
/// <param name="Formats">Format versions by <c>vct</c>.</param>
/// <param name="Roles">Pseudonym and role.</param>
/// <param name="Roll">Validators, seated and invited.</param>
public sealed record Registry(ImmutableDictionary<string, KeyRecord> Keys, ImmutableDictionary<string, Source> Sources,
    ImmutableDictionary<string, FormatRecord> Formats, ImmutableHashSet<(string Pseudonym, string Role)> Roles, ValidatorRoll Roll)
{
    /// <summary>What holds at height 0: the operators and validators of the genesis file.</summary>
    public static Registry From(Genesis genesis) => new(
        genesis.Operators.ToImmutableDictionary(o => o.Jwk.Kid, o => new KeyRecord(o.Jwk, KeyPurpose.Operator, o.Pseudonym, 0, Kind: PersonKeyKind.Cli)),
        ImmutableDictionary<string, Source>.Empty, ImmutableDictionary<string, FormatRecord>.Empty,
        [.. genesis.Operators.Select(o => (o.Pseudonym, Role.Operator))], ValidatorRoll.From(genesis))
    { Portal = genesis.Parameters };

    /// <summary>Where people sign: rpId and origins of passkeys.</summary>
    public required GenesisParameters Portal { get; init; }

    /// <summary>Terms of roles, where there are any.</summary>
    public ImmutableDictionary<(string Pseudonym, string Role), RoleTerms> Terms { get; init; } = ImmutableDictionary<(string, string), RoleTerms>.Empty;

    /// <summary>Organisations by id.</summary>
    public ImmutableDictionary<string, Organisation> Organisations { get; init; } = ImmutableDictionary<string, Organisation>.Empty;

    /// <summary>Applications by URI.</summary>
    public ImmutableDictionary<string, Application> Applications { get; init; } = ImmutableDictionary<string, Application>.Empty;

    /// <summary>Subscriptions by application and id; closed ones too.</summary>
    public ImmutableDictionary<(string Uri, string Id), Subscription> Subscriptions { get; init; } = ImmutableDictionary<(string, string), Subscription>.Empty;

    /// <summary>Grants by id; those taken back too.</summary>
    public ImmutableDictionary<string, Grant> Grants { get; init; } = ImmutableDictionary<string, Grant>.Empty;

    /// <summary>The directory's nodes by id.</summary>
    public ImmutableDictionary<string, DirectoryNode> Directory { get; init; } = ImmutableDictionary<string, DirectoryNode>.Empty;

    /// <summary>Services by id.</summary>
    public ImmutableDictionary<string, Service> Services { get; init; } = ImmutableDictionary<string, Service>.Empty;

    /// <summary>Quotas of organisations by service and organisation.</summary>
    public ImmutableDictionary<(string Service, string Party), Quota> Quotas { get; init; } = ImmutableDictionary<(string, string), Quota>.Empty;

    /// <summary>Settings of parameters, each name ascending by height.</summary>
    public ImmutableList<ParameterChange> Parameters { get; init; } = [];

    /// <summary>The stream on which a key is revoked: its owner's.</summary>
    public string StreamOf(KeyRecord key) => key.Purpose == KeyPurpose.Operator ? EventTable.RoleStream(key.Owner)
        : Applications.ContainsKey(key.Owner) ? EventTable.ApplicationStream(key.Owner) : EventTable.SourceStream(key.Owner);

    /// <summary>Whether a person has a role, in or out of its period.</summary>
    public bool HasRole(string pseudonym, string role) => Roles.Contains((pseudonym, role));

    /// <summary>Whether a person has a role that counts after a header of this time.</summary>
    public bool HasRole(string pseudonym, string role, LedgerTime previous) =>
        HasRole(pseudonym, role) && (!Terms.TryGetValue((pseudonym, role), out var terms) || terms.Holds(previous));

    /// <summary>Whether anybody has ever brought this key: a source, a person, a host or a validator. One key serves one purpose of one owner.</summary>
    public bool IsTaken(string kid) => Keys.ContainsKey(kid) || Roll.Taken.Contains(kid);
}
