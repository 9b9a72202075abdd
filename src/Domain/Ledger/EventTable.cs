using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>The proof that an event needs before it has an effect.</summary>
public enum Proof
{
    /// <summary>The chain's own file.</summary>
    Genesis,

    /// <summary>A signature by the source's key.</summary>
    Issuer,

    /// <summary>Signatures of operators, bound to the command.</summary>
    Authorization,

    /// <summary>Signatures of supervisors, bound to the command; only on streams that begin with <c>supervision-</c>, and nowhere else.</summary>
    Supervision,

    /// <summary>Two statements that one validator signed and that contradict each other.</summary>
    Contradiction,

    /// <summary>Nothing but the host's word: no rule, status or control reads such an event.</summary>
    HostsWord,
}

/// <summary>The closed table of event types: each with its stream rule and proof. A type that is not here is rejected. Source: DESIGN section 3.</summary>
public static partial class EventTable
{
    /// <summary>The chain begins.</summary>
    public const string GenesisEvent = "genesis";

    /// <summary>A source asks to be registered and proves that it holds its key.</summary>
    public const string SourceRequested = "source_requested";

    /// <summary>An operator admits a source.</summary>
    public const string SourceApproved = "source_approved";

    /// <summary>An operator stops a source for a time.</summary>
    public const string SourceSuspended = "source_suspended";

    /// <summary>An operator lets a suspended source go on.</summary>
    public const string SourceReinstated = "source_reinstated";

    /// <summary>An operator ends a source for good.</summary>
    public const string SourceRetired = "source_retired";

    /// <summary>An operator adds a key of a source, which proves that it holds it.</summary>
    public const string KeyAdded = "key_added";

    /// <summary>An operator ends a key.</summary>
    public const string KeyRevoked = "key_revoked";

    /// <summary>An operator registers a format version.</summary>
    public const string FormatRegistered = "format_registered";

    /// <summary>An operator ends a format version.</summary>
    public const string FormatRetired = "format_retired";

    /// <summary>An operator gives a person a role and a key.</summary>
    public const string RoleBound = "role_bound";

    /// <summary>An operator takes a role back.</summary>
    public const string RoleUnbound = "role_unbound";

    /// <summary>Operators let a body's validator in as an observer, or take note of new keys of one that has a seat.</summary>
    public const string ValidatorInvited = "validator_invited";

    /// <summary>Operators take an invitation back, or let go of keys that a rotation has replaced.</summary>
    public const string ValidatorWithdrawn = "validator_withdrawn";

    /// <summary>Operators say who votes, with which key and power, from the second block after this one.</summary>
    public const string ValidatorSetChanged = "validator_set_changed";

    /// <summary>A source submits a record.</summary>
    public const string SubmissionAccepted = "submission_accepted";

    /// <summary>A source changes the status of one of its records.</summary>
    public const string StatusChanged = "status_changed";

    /// <summary>The host noticed something that a supervisor should see.</summary>
    public const string FindingRaised = "finding_raised";

    /// <summary>A validator signed two statements of consensus that contradict each other.</summary>
    public const string EvidenceShown = "evidence_shown";

    /// <summary>The prevotes are there that justify what a validator was accused of.</summary>
    public const string EvidenceAnswered = "evidence_answered";

    /// <summary>Every type with its proof.</summary>
    public static IReadOnlyDictionary<string, Proof> Types { get; } = new Dictionary<string, Proof>(StringComparer.Ordinal)
    {
        [GenesisEvent] = Proof.Genesis,
        [SourceRequested] = Proof.Issuer,
        [SourceApproved] = Proof.Authorization,
        [SourceSuspended] = Proof.Authorization,
        [SourceReinstated] = Proof.Authorization,
        [SourceRetired] = Proof.Authorization,
        [KeyAdded] = Proof.Authorization,
        [KeyRevoked] = Proof.Authorization,
        [FormatRegistered] = Proof.Authorization,
        [FormatRetired] = Proof.Authorization,
        [RoleBound] = Proof.Authorization,
        [RoleUnbound] = Proof.Authorization,
        [ValidatorInvited] = Proof.Authorization,
        [ValidatorWithdrawn] = Proof.Authorization,
        [ValidatorSetChanged] = Proof.Authorization,
        [SubmissionAccepted] = Proof.Issuer,
        [StatusChanged] = Proof.Issuer,
        [FindingRaised] = Proof.HostsWord,
        [EvidenceShown] = Proof.Contradiction,
        [EvidenceAnswered] = Proof.Contradiction,
        [SourceProfiled] = Proof.Authorization,
        [OrganisationRegistered] = Proof.Authorization,
        [OrganisationChanged] = Proof.Authorization,
        [ApplicationRequested] = Proof.Issuer,
        [ApplicationApproved] = Proof.Authorization,
        [ApplicationSuspended] = Proof.Authorization,
        [ApplicationReinstated] = Proof.Authorization,
        [ApplicationRetired] = Proof.Authorization,
        [SubscriptionOpened] = Proof.Authorization,
        [SubscriptionClosed] = Proof.Authorization,
        [GrantIssued] = Proof.Authorization,
        [GrantRevoked] = Proof.Authorization,
        [DirectorySet] = Proof.Authorization,
        [DirectoryRemoved] = Proof.Authorization,
        [OwnershipTransferred] = Proof.Authorization,
        [ServiceSet] = Proof.Authorization,
        [QuotaSet] = Proof.Authorization,
        [ParameterSet] = Proof.Authorization,
        [AuditOrdered] = Proof.Supervision,
        [AuditClosed] = Proof.Supervision,
        [FindingOpened] = Proof.Supervision,
        [FindingNoted] = Proof.Supervision,
        [FindingClosed] = Proof.Supervision,
        [AlertRuleSet] = Proof.Supervision,
        [AlertRuleRemoved] = Proof.Supervision,
        [AlertAcknowledged] = Proof.Supervision,
        [ReportSealed] = Proof.Supervision,
        [AlertRaised] = Proof.HostsWord,
        [AlertCleared] = Proof.HostsWord,
        [DataAccessed] = Proof.HostsWord,
        [DataReused] = Proof.HostsWord,
        [DataShared] = Proof.HostsWord,
        [DataCirculated] = Proof.HostsWord,
        [DataExchanged] = Proof.HostsWord,
        [CaseOpened] = Proof.HostsWord,
        [CaseAnswered] = Proof.HostsWord,
        [SecurityNoted] = Proof.HostsWord,
    };

    /// <summary>Stream of a source: <c>source-</c> and SHA-256 of its URI.</summary>
    public static string SourceStream(string iss) => $"source-{Digest.Of(iss)}";

    /// <summary>Stream of a format.</summary>
    public static string FormatStream(string id) => $"format-{id}";

    /// <summary>Stream of a person's roles.</summary>
    public static string RoleStream(string pseudonym) => $"role-{pseudonym}";

    /// <summary>Stream of all that concerns validators: who signs a change names the version that they saw, so that nothing came between.</summary>
    public const string ValidatorStream = "validators";

    /// <summary>How many distinct people sign where the genesis file is silent: 2 for who may vote and how, which could stop the chain, else 1.</summary>
    public static int PersonsOf(string type) => type is ValidatorInvited or ValidatorWithdrawn or ValidatorSetChanged or ParameterSet ? 2 : 1;

    /// <summary>Stream of what is held against a validator, by its consensus key.</summary>
    public static string EvidenceStream(string kid) => $"evidence-{kid}";

    /// <summary>Stream of findings.</summary>
    public const string FindingStream = "findings";

    /// <summary>The list in which a source's records have their status bits: path below the ledger's address.</summary>
    public static string StatusListPath(string iss, int n) => $"/status/{Digest.Of(iss).ToString()[..16]}/{n}";
}
