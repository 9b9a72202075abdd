using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Threading.Channels;
using EventLedger.Api.Host;
using EventLedger.Api.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace EventLedger.Api.R2D;

/// <summary>
/// <c>POST /r2d/v1/submissions/bulk</c>: one SD-JWT a line, one answer a line in the same order, both streams open at once. Three steps run side by side on
/// successive chunks: check on all cores, append in order, sign receipts and answer.
/// </summary>
public sealed class BulkEndpoint(SubmissionCheck check, Intake intake, ReceiptWriter receipts, LedgerOptions options)
{
    /// <summary>Media type of the request.</summary>
    public const string MediaType = "application/vnd.eventledger.sd-jwt-lines";

    // Chunks between two steps: enough that no step waits for another, few enough that a connection holds little memory.
    private const int ChunksAhead = 2;

    private static readonly ParallelOptions AllCores = new() { MaxDegreeOfParallelism = Environment.ProcessorCount };

    /// <summary>Handles one request, which may be endless.</summary>
    public async Task Handle(HttpContext http)
    {
        if (http.Request.ContentType?.StartsWith(MediaType, StringComparison.OrdinalIgnoreCase) != true)
        {
            await Problems.From("media-type", $"Send the lines as {MediaType}.").ExecuteAsync(http);
            return;
        }
        Unbound(http);
        http.Response.ContentType = "application/x-ndjson";
        // The caller may wait for the head of the answer before it sends more.
        await http.Response.StartAsync(http.RequestAborted);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        var checking = Channel.CreateBounded<Task<Chunk>>(ChunksAhead);
        var answering = Channel.CreateBounded<Task<byte[]>>(ChunksAhead);
        var steps = new[]
        {
            Step(() => Read(http.Request.BodyReader, checking.Writer, stop.Token), checking.Writer, stop),
            Step(() => Append(checking.Reader, answering.Writer, stop.Token), answering.Writer, stop),
            Answer(answering.Reader, http.Response.BodyWriter, stop),
        };
        await Task.WhenAll(steps);
    }

    /// <summary>Some successive lines.</summary>
    private sealed record Chunk(long FirstLine, string?[] Lines, SubmissionCheck.Result[] Checked);

    private async Task Read(PipeReader body, ChannelWriter<Task<Chunk>> next, CancellationToken cancellation)
    {
        var (line, lines) = (1L, new List<string?>(options.BulkLines));
        while (true)
        {
            var read = await body.ReadAsync(cancellation);
            var (buffer, skipping) = (read.Buffer, false);
            while (TryLine(ref buffer, read.IsCompleted, ref skipping, out var text))
            {
                lines.Add(text);
                if (lines.Count == options.BulkLines)
                {
                    await Send();
                }
            }
            body.AdvanceTo(buffer.Start, buffer.End);
            // What has come goes on its way: a slow sender gets its answers as it goes.
            if (lines.Count > 0)
            {
                await Send();
            }
            if (read.IsCompleted)
            {
                return;
            }
            if (skipping)
            {
                await SkipLine(body, cancellation);
            }
        }

        async Task Send()
        {
            var chunk = new Chunk(line, [.. lines], new SubmissionCheck.Result[lines.Count]);
            line += lines.Count;
            lines.Clear();
            await next.WriteAsync(Task.Run(() => CheckAll(chunk), cancellation), cancellation);
        }
    }

    private Chunk CheckAll(Chunk chunk)
    {
        Parallel.For(0, chunk.Lines.Length, AllCores, i => chunk.Checked[i] = chunk.Lines[i] switch
        {
            null => new(null, new("body-too-large", $"A line has at most {Limits.RecordBytesMax} bytes.")),
            "" => new(null, Refusal.Of("line-empty")),
            var text => check.Check(text),
        });
        return chunk;
    }

    private async Task Append(ChannelReader<Task<Chunk>> chunks, ChannelWriter<Task<byte[]>> next, CancellationToken cancellation)
    {
        await foreach (var step in chunks.ReadAllAsync(cancellation))
        {
            // What has been checked meanwhile goes into the log with it.
            List<Chunk> ready = [await step];
            while (ready.Sum(c => c.Lines.Length) < options.BulkLines && chunks.TryPeek(out var more) && more.IsCompletedSuccessfully && chunks.TryRead(out more))
            {
                ready.Add(await more);
            }
            var good = ready.SelectMany(c => c.Checked).Where(c => c.Submission is not null).Select(c => c.Submission!).ToList();
            var taken = good.Count == 0 ? [] : await intake.TakeMany(good, cancellation);
            var from = 0;
            foreach (var chunk in ready)
            {
                var own = taken.AsMemory(from, chunk.Checked.Count(c => c.Submission is not null));
                from += own.Length;
                await next.WriteAsync(Task.Run(() => ToLines(chunk, own), cancellation), cancellation);
            }
        }
    }

    private byte[] ToLines(Chunk chunk, ReadOnlyMemory<Outcome> taken)
    {
        var signed = new byte[taken.Length][];
        Parallel.For(0, taken.Length, AllCores, i => signed[i] = taken.Span[i].Entry is { } entry ? receipts.Receipt(entry) : []);
        var body = new ArrayBufferWriter<byte>(chunk.Lines.Length * 512);
        for (var (i, next) = (0, 0); i < chunk.Lines.Length; i++)
        {
            if (chunk.Checked[i].Refusal is { } refusal)
            {
                ReceiptWriter.Line(body, chunk.FirstLine + i, refusal);
                continue;
            }
            var outcome = taken.Span[next];
            if (outcome.Entry is { } entry)
            {
                ReceiptWriter.Line(body, chunk.FirstLine + i, entry, signed[next]);
            }
            else
            {
                ReceiptWriter.Line(body, chunk.FirstLine + i, outcome.Refusal!);
            }
            next++;
        }
        return body.WrittenSpan.ToArray();
    }

    private static async Task Answer(ChannelReader<Task<byte[]>> answers, PipeWriter body, CancellationTokenSource stop)
    {
        try
        {
            await foreach (var answer in answers.ReadAllAsync(stop.Token))
            {
                await body.WriteAsync(await answer, stop.Token);
            }
        }
        finally
        {
            await stop.CancelAsync();
        }
    }

    // One step's end is the next one's end; its failure stops them all.
    private static async Task Step<T>(Func<Task> work, ChannelWriter<T> next, CancellationTokenSource stop)
    {
        try
        {
            await work();
            next.Complete();
        }
        catch (Exception e)
        {
            next.Complete(e);
            await stop.CancelAsync();
            throw;
        }
    }

    // Null for a line that is too long: its rest is read over.
    private static bool TryLine(ref ReadOnlySequence<byte> buffer, bool isLast, ref bool skipping, out string? line)
    {
        line = null;
        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            var part = buffer.Slice(0, end);
            line = part.Length > Limits.RecordBytesMax ? null : Encoding.ASCII.GetString(part).TrimEnd('\r');
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            return true;
        }
        if (isLast && !buffer.IsEmpty)
        {
            line = buffer.Length > Limits.RecordBytesMax ? null : Encoding.ASCII.GetString(buffer).TrimEnd('\r');
            buffer = buffer.Slice(buffer.End);
            return true;
        }
        if (buffer.Length > Limits.RecordBytesMax)
        {
            buffer = buffer.Slice(buffer.End);
            skipping = true;
            return true;
        }
        return false;
    }

    private static async Task SkipLine(PipeReader body, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellation);
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                body.AdvanceTo(read.Buffer.GetPosition(1, end));
                return;
            }
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return;
            }
        }
    }

    // An import may take hours and pause as long as it likes; each line is bounded instead.
    private static void Unbound(HttpContext http)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } requestRate)
        {
            requestRate.MinDataRate = null;
        }
        if (http.Features.Get<IHttpMinResponseDataRateFeature>() is { } responseRate)
        {
            responseRate.MinDataRate = null;
        }
    }
}
