using System.Buffers;
using System.Globalization;
using EventLedger.Api.Doors;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.R2D;

/// <summary><c>POST /r2d/v1/submissions</c>: one record. 202 with a receipt, or with <c>Prefer: wait</c> 201 with the proof; with <c>return=minimal</c> too, 201 alone.</summary>
public sealed class SubmitEndpoint(SubmissionCheck check, Intake intake, ReceiptWriter receipts, LedgerHead head, LedgerOptions options,
    IP2R processing, Denials denials)
{
    /// <summary>Media type of a record.</summary>
    public const string MediaType = "application/dc+sd-jwt";

    /// <summary>Handles one request; the body is read as it comes, without binding.</summary>
    public async Task Handle(HttpContext http)
    {
        if (http.Request.ContentType?.StartsWith(MediaType, StringComparison.OrdinalIgnoreCase) != true)
        {
            await Problems.From("media-type", $"Send the record as {MediaType}.").ExecuteAsync(http);
            return;
        }
        if (await AsciiBody.Read(http.Request, Limits.RecordBytesMax, http.RequestAborted) is not { } text)
        {
            await Problems.From("body-too-large", $"A record has at most {Limits.RecordBytesMax} bytes.").ExecuteAsync(http);
            return;
        }
        var (submission, refusal) = check.Check(text);
        var outcome = submission is null ? new(null, false, refusal) : await intake.Take(submission, http.RequestAborted);
        if (outcome.Entry is not { } entry)
        {
            await denials.ToResult(outcome.Refusal!).ExecuteAsync(http);
            return;
        }
        await Answer(http, entry);
    }

    /// <summary>Answers for a record that was taken in: its receipt, or what the caller would rather wait for.</summary>
    internal async Task Answer(HttpContext http, EventStore.StoredEntry entry)
    {
        var seq = entry.Entry.Seq;
        if (Preference.Wait(http.Request, options.WaitMax) is { } wait && await processing.Result(seq, wait, http.RequestAborted) is { } result)
        {
            if (result.Code is { } code)
            {
                await Problems.From(code, $"Entry {seq} was sealed as rejected.").ExecuteAsync(http);
                return;
            }
            if (Preference.IsMinimal(http.Request))
            {
                http.Response.StatusCode = StatusCodes.Status201Created;
                http.Response.Headers.Location = Address(seq);
                http.Response.Headers["Preference-Applied"] = "wait, return=minimal";
                http.Response.ContentLength = 0;
                return;
            }
            if (await processing.Proof(seq, http.RequestAborted) is { } bundle)
            {
                http.Response.Headers.Location = Address(seq);
                http.Response.Headers["Preference-Applied"] = "wait";
                await Json.Status(StatusCodes.Status201Created, bundle, ProofBundle.MediaType).ExecuteAsync(http);
                return;
            }
        }
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        http.Response.ContentType = "application/json";
        http.Response.Headers.Location = Address(seq);
        var body = new ArrayBufferWriter<byte>(768);
        ReceiptWriter.Accepted(body, entry, head.IsSealed(seq) ? "sealed" : "accepted", receipts.Receipt(entry));
        http.Response.ContentLength = body.WrittenCount;
        await http.Response.BodyWriter.WriteAsync(body.WrittenMemory, http.RequestAborted);
    }

    private static string Address(long seq) => string.Create(CultureInfo.InvariantCulture, $"/r2d/v1/submissions/{seq}");
}
