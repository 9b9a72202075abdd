using System.Buffers;
using System.Globalization;
using System.Text;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using EventLedger.Domain.Ledger;

namespace EventLedger.Api.R2D;

/// <summary>Makes the proof of a sealed record; null when there is none.</summary>
public delegate Task<byte[]?> ProofOf(long seq, CancellationToken cancellation);

/// <summary><c>POST /r2d/v1/submissions</c>: one record. 202 with a receipt, or with <c>Prefer: wait</c> 201 with the proof; with <c>return=minimal</c> too, 201 alone.</summary>
public sealed class SubmitEndpoint(SubmissionCheck check, Intake intake, ReceiptWriter receipts, LedgerHead head, LedgerOptions options,
    EventStore.IEventStore store, Denials denials, ProofOf? proof = null)
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
        if (await ReadText(http.Request, Limits.RecordBytesMax, http.RequestAborted) is not { } text)
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
        if (Preference.Wait(http.Request, options.WaitMax) is { } wait && proof is not null && await head.WaitSealed(seq, wait, http.RequestAborted))
        {
            if (await store.Rejections(seq, seq, http.RequestAborted) is [var rejected])
            {
                await Problems.From(rejected.Code, $"Entry {seq} was sealed as rejected.").ExecuteAsync(http);
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
            if (await proof(seq, http.RequestAborted) is { } bundle)
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

    /// <summary>The body as text, without a trailing line end; null when it is larger than allowed.</summary>
    internal static async ValueTask<string?> ReadText(HttpRequest request, int bytesMax, CancellationToken cancellation)
    {
        if (request.ContentLength > bytesMax)
        {
            return null;
        }
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellation);
            if (read.Buffer.Length > bytesMax)
            {
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return null;
            }
            if (read.IsCompleted)
            {
                // What is not ASCII becomes a question mark, which no part of a JWT may hold.
                var text = Encoding.ASCII.GetString(read.Buffer);
                request.BodyReader.AdvanceTo(read.Buffer.End);
                return text.EndsWith('\n') ? text.TrimEnd('\r', '\n') : text;
            }
            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    private static string Address(long seq) => string.Create(CultureInfo.InvariantCulture, $"/r2d/v1/submissions/{seq}");
}
