using System.Collections.Frozen;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.Http;

/// <summary>The closed list of error codes with HTTP status and meaning.</summary>
public static class ProblemCatalog
{
    private const int Malformed = 400, NotFound = 404, Broken = 409, Busy = 503;

    /// <summary>Every code. Those of <see cref="RejectionCode"/> mean the same when an entry is sealed as rejected.</summary>
    public static FrozenDictionary<string, (int Status, string Title)> All { get; } = new Dictionary<string, (int Status, string Title)>(StringComparer.Ordinal)
    {
        ["request-malformed"] = (Malformed, "The request could not be read."),
        ["body-too-large"] = (413, "The request body, or one line of it, is larger than this address takes."),
        ["media-type"] = (415, "The request body's Content-Type is not one that this address takes."),
        ["method-not-allowed"] = (405, "The address exists, the method does not."),
        ["not-found"] = (NotFound, "There is nothing at this address."),
        ["query-malformed"] = (Malformed, "The query or search could not be read, or asks for what there is not."),
        ["query-too-wide"] = (Malformed, "The query reads for too long; a narrower one answers."),
        ["source-not-found"] = (NotFound, "There is no source at this address."),
        ["line-empty"] = (Malformed, "A line of a bulk request holds nothing."),
        ["height-unknown"] = (NotFound, "There is no sealed block at this height."),
        ["seq-unknown"] = (NotFound, "There is no entry with this number."),
        ["record-rejected"] = (NotFound, "The entry was sealed as rejected and has no effect."),
        ["record-not-sealed"] = (Broken, "The record is accepted, not sealed; nothing about it can be proved yet."),
        ["licence-unknown"] = (NotFound, "There is no licence with this number."),
        ["licence-not-issued"] = (NotFound, "There are records with this number, but no licence."),
        ["status-unavailable"] = (Busy, "Too few validators answer to prove a status."),
        ["range-malformed"] = (Malformed, "The two sizes must be 1 or more, the first not above the second, the second not above the head."),
        ["read-only"] = (Busy, "The ledger takes nothing in at present."),
        ["busy"] = (Busy, "Too much at once; try again a little later."),
        ["database-unavailable"] = (Busy, "The database does not answer."),
        ["not-ready"] = (Busy, "The host is not ready to serve."),
        ["internal"] = (500, "An unexpected error inside the host."),
        ["entry-too-large"] = (Malformed, "The event does not fit into an entry of 60 000 bytes."),
        ["disclosure-wrong"] = (Malformed, "A disclosure is malformed or matches no digest of the record."),
        ["field-undisclosed"] = (Malformed, "A public field is hidden in a disclosure; only personal and restricted fields are."),
        ["version-conflict"] = (Broken, "Another event came first; read the stream's version and sign again."),
        ["host-forbidden"] = (403, "This event needs a proof that comes through another door."),
        [RejectionCode.TypeUnknown] = (Malformed, "No such event type."),
        [RejectionCode.StreamWrong] = (Malformed, "The event does not belong to this stream."),
        [RejectionCode.VersionWrong] = (Broken, "Not the next version of its stream."),
        [RejectionCode.TimeWrong] = (Broken, "Later than its block or earlier than an entry before."),
        [RejectionCode.DataMalformed] = (Malformed, "The event's data has not the members that its type names."),
        [RejectionCode.RecordMalformed] = (Malformed, "The record is not an SD-JWT of this ledger's form."),
        [RejectionCode.SignatureWrong] = (Malformed, "The signature does not verify."),
        [RejectionCode.KeyUnknown] = (Broken, "No such key."),
        [RejectionCode.KeyPurpose] = (Broken, "The key serves another purpose or owner."),
        [RejectionCode.KeyInvalid] = (Broken, "The key is not valid at this time."),
        [RejectionCode.KeyKnown] = (Broken, "The key is registered already."),
        [RejectionCode.SourceUnknown] = (Broken, "The source is not registered."),
        [RejectionCode.SourceKnown] = (Broken, "The source is registered already."),
        [RejectionCode.SourceInactive] = (Broken, "The source is suspended or retired, or not in the state that the act supposes."),
        [RejectionCode.SourceNotAllowed] = (Broken, "The format does not admit this source."),
        [RejectionCode.FormatUnknown] = (Broken, "No such format or version."),
        [RejectionCode.FormatKnown] = (Broken, "The format version is registered already."),
        [RejectionCode.FormatRetired] = (Broken, "The format version is retired."),
        [RejectionCode.FormatMalformed] = (Malformed, "The format's definition is not acceptable."),
        [RejectionCode.LedgerWrong] = (Malformed, "Signed for another ledger."),
        [RejectionCode.IatFuture] = (Malformed, "Issued more than five minutes in the future."),
        [RejectionCode.FieldExposed] = (Malformed, "A personal or restricted field stands open in the payload; it must be a disclosure."),
        [RejectionCode.SchemaMismatch] = (Malformed, "The record does not fit its format's schema."),
        [RejectionCode.JtiReused] = (Broken, "The source used this jti before for something else."),
        [RejectionCode.IdxReused] = (Broken, "The source used this status index before."),
        [RejectionCode.StatusMalformed] = (Malformed, "The status reference is missing, unexpected or not in the source's own list."),
        [RejectionCode.RecordUnknown] = (Broken, "There is no such record to act on."),
        [RejectionCode.AuthorizationMalformed] = (Malformed, "There is no authorization, or it is malformed."),
        [RejectionCode.AuthorizationExpired] = (Broken, "The authorization has expired or runs longer than a day."),
        [RejectionCode.AuthorizationSignature] = (Malformed, "A signature of the authorization does not verify or is not by a person with the role."),
        [RejectionCode.AuthorizationPersons] = (Broken, "Fewer distinct people signed than the act needs."),
        [RejectionCode.RoleWrong] = (Broken, "The person or role is not as the act supposes."),
        [RejectionCode.ValidatorUnknown] = (Broken, "No such validator is invited or has a seat."),
        [RejectionCode.ValidatorKnown] = (Broken, "Another validator is reached at this address."),
        [RejectionCode.ValidatorLimit] = (Broken, "As many validators as can have seats are invited already."),
        [RejectionCode.SetSize] = (Broken, "A set has 4 to 31 validators."),
        [RejectionCode.SetPower] = (Broken, "A voting power is below 1, or all together are above 2 147 483 647."),
        [RejectionCode.SetNames] = (Broken, "Two members of the set are one and the same body."),
        [RejectionCode.SetUnchanged] = (Broken, "It is the set that stands already."),
        [RejectionCode.SetPending] = (Broken, "The change before it is not in force yet; ask again two blocks later."),
        ["set-would-halt"] = (Broken, "After this change a quorum of the validators would not be online."),
        [RejectionCode.MemberUnknown] = (Broken, "No validator had this consensus key at that height."),
        [RejectionCode.EvidenceVoid] = (Malformed, "The two statements do not contradict each other; an honest validator may sign both."),
        [RejectionCode.EvidenceHeight] = (Broken, "The evidence is of a height that has not begun."),
        [RejectionCode.EvidenceKnown] = (Broken, "The same misbehaviour, or its answer, is on the ledger already."),
        [RejectionCode.EvidenceUnknown] = (NotFound, "There is no such evidence on the ledger."),
        [RejectionCode.EvidenceAnswer] = (Malformed, "The prevotes do not justify the second statement, or stand where none belong."),
        [RejectionCode.GenesisWrong] = (Broken, "The first entry is not this chain's genesis."),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Status and meaning; a code that is not in the list is a bug.</summary>
    public static (int Status, string Title) Of(string code) => All[code];
}
