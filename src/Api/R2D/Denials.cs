using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.R2D;

/// <summary>
/// What a source hears that may not submit: 403 and whom to ask, where the same code would be a conflict in an act of control. Each is counted for
/// supervisors. Source: ITU-T Y.4561 (08/2020) 7.2.1 "only with permission".
/// </summary>
public sealed class Denials(LedgerOptions options, SecurityNotes notes)
{
    private static readonly HashSet<string> Codes = new(StringComparer.Ordinal)
    {
        RejectionCode.SourceUnknown, RejectionCode.SourceInactive, RejectionCode.SourceNotAllowed, RejectionCode.KeyUnknown, RejectionCode.KeyPurpose, RejectionCode.KeyInvalid,
        RejectionCode.AssertionMissing,
    };

    /// <summary>The answer to a submission that was refused.</summary>
    public IResult ToResult(Refusal refusal)
    {
        if (!Codes.Contains(refusal.Code))
        {
            return refusal.ToResult();
        }
        notes.Note(SecurityNotes.SubmissionRefused);
        var body = Problems.ToJson(refusal.Code, refusal.Detail);
        body["status"] = StatusCodes.Status403Forbidden;
        body["title"] = ProblemCatalog.Of(refusal.Code).Title;
        body["contact"] = options.Contact ?? "/o2c/v1/operators";
        return Json.Status(StatusCodes.Status403Forbidden, body, Problems.MediaType);
    }
}
