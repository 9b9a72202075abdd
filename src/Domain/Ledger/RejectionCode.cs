namespace EventLedger.Domain.Ledger;

/// <summary>Why an entry is sealed without effect, and why the host refuses it before: one closed list. Source: DESIGN section 3 "A rejected entry".</summary>
public static class RejectionCode
{
    /// <summary>No such event type.</summary>
    public const string TypeUnknown = "type-unknown";

    /// <summary>The event does not belong to this stream.</summary>
    public const string StreamWrong = "stream-wrong";

    /// <summary>Not the next version of its stream.</summary>
    public const string VersionWrong = "version-wrong";

    /// <summary>Later than the block or earlier than an entry before.</summary>
    public const string TimeWrong = "time-wrong";

    /// <summary>The event's data has not the members that its type names.</summary>
    public const string DataMalformed = "data-malformed";

    /// <summary>The record is not an SD-JWT of this ledger's form.</summary>
    public const string RecordMalformed = "record-malformed";

    /// <summary>The signature does not verify.</summary>
    public const string SignatureWrong = "signature-wrong";

    /// <summary>No such key.</summary>
    public const string KeyUnknown = "key-unknown";

    /// <summary>The key serves another purpose or owner.</summary>
    public const string KeyPurpose = "key-purpose";

    /// <summary>The key was not valid then.</summary>
    public const string KeyInvalid = "key-invalid";

    /// <summary>The key is registered already.</summary>
    public const string KeyKnown = "key-known";

    /// <summary>No such source.</summary>
    public const string SourceUnknown = "source-unknown";

    /// <summary>The source is registered already.</summary>
    public const string SourceKnown = "source-known";

    /// <summary>The source is suspended or retired.</summary>
    public const string SourceInactive = "source-inactive";

    /// <summary>The format does not admit this source.</summary>
    public const string SourceNotAllowed = "source-not-allowed";

    /// <summary>No such format or version.</summary>
    public const string FormatUnknown = "format-unknown";

    /// <summary>The format version is registered already.</summary>
    public const string FormatKnown = "format-known";

    /// <summary>The format version is retired.</summary>
    public const string FormatRetired = "format-retired";

    /// <summary>The format's definition is not acceptable.</summary>
    public const string FormatMalformed = "format-malformed";

    /// <summary>Signed for another chain.</summary>
    public const string LedgerWrong = "ledger-wrong";

    /// <summary>Issued more than five minutes after it was received.</summary>
    public const string IatFuture = "iat-future";

    /// <summary>A personal or restricted field stands open in the payload.</summary>
    public const string FieldExposed = "field-exposed";

    /// <summary>The record does not fit its format.</summary>
    public const string SchemaMismatch = "schema-mismatch";

    /// <summary>The source used this jti before.</summary>
    public const string JtiReused = "jti-reused";

    /// <summary>The source used this status index before.</summary>
    public const string IdxReused = "idx-reused";

    /// <summary>The status reference is missing, unexpected or not in the source's own list.</summary>
    public const string StatusMalformed = "status-malformed";

    /// <summary>There is no such record to act on.</summary>
    public const string RecordUnknown = "record-unknown";

    /// <summary>There is no authorization, or it is malformed.</summary>
    public const string AuthorizationMalformed = "authorization-malformed";

    /// <summary>The authorization has expired or runs too long.</summary>
    public const string AuthorizationExpired = "authorization-expired";

    /// <summary>A signature of the authorization does not verify or is not by a person with the role.</summary>
    public const string AuthorizationSignature = "authorization-signature";

    /// <summary>Fewer distinct people signed than the act needs.</summary>
    public const string AuthorizationPersons = "authorization-persons";

    /// <summary>The person or role is not as the act supposes.</summary>
    public const string RoleWrong = "role-wrong";

    /// <summary>No such validator is invited or has a seat.</summary>
    public const string ValidatorUnknown = "validator-unknown";

    /// <summary>Another validator is reached at this address.</summary>
    public const string ValidatorKnown = "validator-known";

    /// <summary>As many validators as can have seats are invited already.</summary>
    public const string ValidatorLimit = "validator-limit";

    /// <summary>A set has 4 to 31 members.</summary>
    public const string SetSize = "set-size";

    /// <summary>A power is below 1, or all together are above 2^31 - 1.</summary>
    public const string SetPower = "set-power";

    /// <summary>Two members of the set are one and the same body.</summary>
    public const string SetNames = "set-names";

    /// <summary>It is the set that stands already.</summary>
    public const string SetUnchanged = "set-unchanged";

    /// <summary>The change before it is not in force yet.</summary>
    public const string SetPending = "set-pending";

    /// <summary>The first entry is not this chain's genesis.</summary>
    public const string GenesisWrong = "genesis-wrong";

    /// <summary>No validator had this consensus key at that height.</summary>
    public const string MemberUnknown = "member-unknown";

    /// <summary>The two statements do not contradict each other.</summary>
    public const string EvidenceVoid = "evidence-void";

    /// <summary>The evidence is of a height that has not begun.</summary>
    public const string EvidenceHeight = "evidence-height";

    /// <summary>The same misbehaviour is on the ledger already, or its answer is.</summary>
    public const string EvidenceKnown = "evidence-known";

    /// <summary>Nothing of the kind is held against the validator.</summary>
    public const string EvidenceUnknown = "evidence-unknown";

    /// <summary>The prevotes do not justify the second statement, or stand where none belong.</summary>
    public const string EvidenceAnswer = "evidence-answer";

    /// <summary>Nobody is operator and supervisor: who acts does not watch himself.</summary>
    public const string RoleConflict = "role-conflict";

    /// <summary>The record lacks metadata that its format asks for.</summary>
    public const string MetadataMissing = "metadata-missing";

    /// <summary>The record says that it was captured more than five minutes after it was received.</summary>
    public const string CapturedFuture = "captured-future";

    /// <summary>The source's records bear a registrar's assertion, and this one has none that holds.</summary>
    public const string AssertionMissing = "assertion-missing";

    /// <summary>There is no such parameter, or the value is out of its range.</summary>
    public const string ParameterRange = "parameter-range";

    /// <summary>The height from which it is to hold is sealed already, or is being sealed.</summary>
    public const string HeightPast = "height-past";

    /// <summary>No such organisation.</summary>
    public const string OrganisationUnknown = "organisation-unknown";

    /// <summary>The organisation is registered already.</summary>
    public const string OrganisationKnown = "organisation-known";

    /// <summary>No such application.</summary>
    public const string ApplicationUnknown = "application-unknown";

    /// <summary>The application is suspended or retired, or not in the state that the act supposes.</summary>
    public const string ApplicationInactive = "application-inactive";

    /// <summary>No such open subscription.</summary>
    public const string SubscriptionUnknown = "subscription-unknown";

    /// <summary>The subscription is there already.</summary>
    public const string SubscriptionKnown = "subscription-known";

    /// <summary>No such grant, or it was taken back.</summary>
    public const string GrantUnknown = "grant-unknown";

    /// <summary>The grant is there already.</summary>
    public const string GrantKnown = "grant-known";

    /// <summary>No such node of the directory, and no format of that name.</summary>
    public const string DirectoryUnknown = "directory-unknown";

    /// <summary>Other nodes of the directory lie below this one.</summary>
    public const string DirectoryUsed = "directory-used";

    /// <summary>A node lies below one of a wider kind (sector, service, dataset, field) and keeps its kind.</summary>
    public const string DirectoryKind = "directory-kind";

    /// <summary>The organisation does not own this, or has not signed that it gives or takes it.</summary>
    public const string OwnerWrong = "owner-wrong";

    /// <summary>No such service.</summary>
    public const string ServiceUnknown = "service-unknown";
}
