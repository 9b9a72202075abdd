using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>The types of parties, access, directory, services, parameters, supervision and of the host's word, with their streams.</summary>
public static partial class EventTable
{
    /// <summary>An operator says what belongs to a source: its organisation, contact, schedule, rate, pinned formats, and whether it is in quarantine.</summary>
    public const string SourceProfiled = "source_profiled";

    /// <summary>An operator registers an organisation: whom grants, applications and sources belong to.</summary>
    public const string OrganisationRegistered = "organisation_registered";

    /// <summary>An operator changes what an organisation is called and how it is reached.</summary>
    public const string OrganisationChanged = "organisation_changed";

    /// <summary>An application asks to be registered and proves that it holds its key.</summary>
    public const string ApplicationRequested = "application_requested";

    /// <summary>An operator admits an application, or a further key of one, with the scopes that it may ask tokens for.</summary>
    public const string ApplicationApproved = "application_approved";

    /// <summary>An operator stops an application for a time.</summary>
    public const string ApplicationSuspended = "application_suspended";

    /// <summary>An operator lets a suspended application go on.</summary>
    public const string ApplicationReinstated = "application_reinstated";

    /// <summary>An operator ends an application for good.</summary>
    public const string ApplicationRetired = "application_retired";

    /// <summary>An operator lets an application use a service until a time, for a purpose.</summary>
    public const string SubscriptionOpened = "subscription_opened";

    /// <summary>An operator ends a subscription.</summary>
    public const string SubscriptionClosed = "subscription_closed";

    /// <summary>An operator lets an organisation read fields that are not public, until a time, for a purpose.</summary>
    public const string GrantIssued = "grant_issued";

    /// <summary>An operator takes a grant back.</summary>
    public const string GrantRevoked = "grant_revoked";

    /// <summary>An operator sets a node of the directory: a sector, service, data set or field.</summary>
    public const string DirectorySet = "directory_set";

    /// <summary>An operator removes a node of the directory that has nothing below it.</summary>
    public const string DirectoryRemoved = "directory_removed";

    /// <summary>What a node of the directory describes goes from one organisation to another; both have signed.</summary>
    public const string OwnershipTransferred = "ownership_transferred";

    /// <summary>An operator sets what a service offers and whether it is open.</summary>
    public const string ServiceSet = "service_set";

    /// <summary>An operator sets how much of a service one organisation may use.</summary>
    public const string QuotaSet = "quota_set";

    /// <summary>Operators set a parameter of the consensus, from a height on.</summary>
    public const string ParameterSet = "parameter_set";

    /// <summary>A supervisor orders an audit of a range.</summary>
    public const string AuditOrdered = "audit_ordered";

    /// <summary>A supervisor closes an audit with its outcome.</summary>
    public const string AuditClosed = "audit_closed";

    /// <summary>A supervisor opens a finding.</summary>
    public const string FindingOpened = "finding_opened";

    /// <summary>A supervisor adds a note to a finding.</summary>
    public const string FindingNoted = "finding_noted";

    /// <summary>A supervisor closes a finding with its outcome.</summary>
    public const string FindingClosed = "finding_closed";

    /// <summary>A supervisor sets a rule of which alerts are raised.</summary>
    public const string AlertRuleSet = "alert_rule_set";

    /// <summary>A supervisor removes such a rule.</summary>
    public const string AlertRuleRemoved = "alert_rule_removed";

    /// <summary>A supervisor has seen an alert.</summary>
    public const string AlertAcknowledged = "alert_acknowledged";

    /// <summary>A supervisor seals the digest of a report.</summary>
    public const string ReportSealed = "report_sealed";

    /// <summary>The host saw that a rule of alerts holds.</summary>
    public const string AlertRaised = "alert_raised";

    /// <summary>The host saw that it holds no more.</summary>
    public const string AlertCleared = "alert_cleared";

    /// <summary>Somebody was shown values that are not public; all that says who and which stands in the sidecar.</summary>
    public const string DataAccessed = "data_accessed";

    /// <summary>A record was used again for another purpose.</summary>
    public const string DataReused = "data_reused";

    /// <summary>A record was shown to another party.</summary>
    public const string DataShared = "data_shared";

    /// <summary>A record was passed on.</summary>
    public const string DataCirculated = "data_circulated";

    /// <summary>A record was exchanged with another system.</summary>
    public const string DataExchanged = "data_exchanged";

    /// <summary>A data user opened a case; only its digest is here.</summary>
    public const string CaseOpened = "case_opened";

    /// <summary>A case was answered; only the digest is here.</summary>
    public const string CaseAnswered = "case_answered";

    /// <summary>The host counts what it refused, a kind and a minute at a time.</summary>
    public const string SecurityNoted = "security_noted";

    /// <summary>Stream of parameters: one for all, so that who signs names what stands.</summary>
    public const string ParameterStream = "parameters";

    /// <summary>Every stream on which supervisors write begins so, and no other does.</summary>
    public const string SupervisionPrefix = "supervision-";

    /// <summary>Stream of alerts.</summary>
    public const string AlertStream = "alerts";

    /// <summary>Stream of what the host refused.</summary>
    public const string SecurityStream = "security";

    private static readonly Dictionary<string, string> Prefixes = new(StringComparer.Ordinal)
    {
        [OrganisationRegistered] = "organisation-", [OrganisationChanged] = "organisation-",
        [GrantIssued] = "grant-", [GrantRevoked] = "grant-",
        [DirectorySet] = "directory-", [DirectoryRemoved] = "directory-", [OwnershipTransferred] = "directory-",
        [ServiceSet] = "service-", [QuotaSet] = "service-",
        [AuditOrdered] = "supervision-audit-", [AuditClosed] = "supervision-audit-",
        [FindingOpened] = "supervision-finding-", [FindingNoted] = "supervision-finding-", [FindingClosed] = "supervision-finding-",
        [AlertRuleSet] = "supervision-rule-", [AlertRuleRemoved] = "supervision-rule-", [AlertAcknowledged] = "supervision-alert-",
        [ReportSealed] = "supervision-report-",
        [FindingRaised] = FindingStream, [AlertRaised] = AlertStream, [AlertCleared] = AlertStream, [SecurityNoted] = SecurityStream,
        [DataAccessed] = "access-", [CaseOpened] = "case-", [CaseAnswered] = "case-",
        [DataReused] = "circulation-", [DataShared] = "circulation-", [DataCirculated] = "circulation-", [DataExchanged] = "circulation-",
    };

    /// <summary>Stream of what has an id: the prefix that the table gives its type, and the id.</summary>
    public static string StreamOf(string type, string id) => $"{Prefixes[type]}{id}";

    /// <summary>Stream of an application: <c>application-</c> and SHA-256 of its URI.</summary>
    public static string ApplicationStream(string uri) => $"application-{Digest.Of(uri)}";

    /// <summary>Whether the host may lay an event of its own word on this stream. A prefix that ends in a hyphen wants something after it.</summary>
    public static bool IsHostStream(string type, string stream) =>
        Types.GetValueOrDefault(type) == Proof.HostsWord && Prefixes.TryGetValue(type, out var prefix)
        && (prefix[^1] == '-' ? stream.Length > prefix.Length && stream.StartsWith(prefix, StringComparison.Ordinal) : stream == prefix);

    /// <summary>The role whose holders sign under a proof; null where people do not.</summary>
    public static string? RoleOf(Proof proof) => proof switch { Proof.Authorization => Role.Operator, Proof.Supervision => Role.Supervisor, _ => null };
}
