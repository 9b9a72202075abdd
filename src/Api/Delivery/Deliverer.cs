using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.Identity;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using Npgsql;

namespace EventLedger.Api.Delivery;

/// <summary>
/// Tells webhooks what is sealed: at least once, signed, and again after ten seconds, twenty, forty and so on for a day. It goes by the log, so whoever was away for an hour
/// misses nothing. Any number of hosts share the work.
/// </summary>
public sealed class Deliverer(WebhookTables tables, IEventStore store, LedgerHead head, TokenKeys keys, Genesis genesis, LedgerOptions options, TimeProvider clock, ILogger<Deliverer> log)
    : BackgroundService
{
    private const int PageMax = 1024, AtOnce = 16, PausesMax = 13;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10), Look = TimeSpan.FromSeconds(1), GivenUpAfter = TimeSpan.FromHours(24);

    private readonly AddressGuard guard = new(options.WebhookNetworks);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var http = guard.Client(Timeout);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var size = head.Header.Size;
                while (await tables.Advance(size, hook => Matching(hook, size, stoppingToken), stoppingToken))
                {
                }
                var messages = await tables.Take(AtOnce, stoppingToken);
                await Task.WhenAll(messages.Select(m => Send(http, m, stoppingToken)));
                if (messages.Count == 0)
                {
                    await head.WaitSealed(size + 1, Look, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is NpgsqlException or InvalidDataException or IOException)
            {
                log.LogWarning(e, "Webhooks wait for the database.");
                await Task.Delay(Look, clock, stoppingToken);
            }
        }
    }

    private async Task<(long, IReadOnlyList<(long, string)>)> Matching(Webhook hook, long size, CancellationToken cancellation)
    {
        var entries = await store.ReadAll(hook.Position + 1, (int)Math.Min(PageMax, size - hook.Position), cancellation);
        var last = entries.Count == 0 ? hook.Position : entries[^1].Entry.Seq;
        var rejected = (await store.Rejections(hook.Position + 1, last, cancellation)).Select(r => r.Seq).ToHashSet();
        var messages = new List<(long, string)>();
        foreach (var entry in entries.Select(e => e.Entry).Where(e => hook.Types.Contains(e.Type) && !rejected.Contains(e.Seq)))
        {
            var format = CloudEvent.FormatOf(entry);
            if (hook.Formats.Count == 0 || (format is not null && hook.Formats.Contains(format)))
            {
                messages.Add((entry.Seq, CloudEvent.Of(genesis.Chain, entry, format).ToJsonString()));
            }
        }
        return (last, messages);
    }

    private async Task Send(HttpClient http, Message message, CancellationToken cancellation)
    {
        try
        {
            using var request = Request(message, await keys.Current(cancellation));
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            // A redirect is followed by nobody: it would lead where nobody has looked.
            await Note(message, (int)answer.StatusCode, answer.IsSuccessStatusCode ? null : $"The receiver answered {(int)answer.StatusCode}.", cancellation);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            await Note(message, null, e is OperationCanceledException ? "No answer within ten seconds." : e.Message, cancellation);
        }
    }

    private Task Note(Message message, int? status, string? problem, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var pause = options.WebhookRetry * (1L << Math.Min(message.Attempts - 1, PausesMax));
        DateTimeOffset? next = problem is null || now + pause > message.Queued + GivenUpAfter ? null : now + pause;
        return tables.Note(message, status, problem, next, cancellation);
    }

    private HttpRequestMessage Request(Message message, SigningKey key)
    {
        var cloudEvent = (JsonObject)JsonNode.Parse(message.Event)!;
        var isBinary = message.Mode == Webhook.Binary;
        var (body, type) = isBinary ? (cloudEvent["data"]!.ToJsonString(), "application/json") : (message.Event, CloudEvent.MediaType);
        var bytes = Encoding.UTF8.GetBytes(body);
        var url = new Uri(message.Url);
        var signed = MessageSignature.Sign(key, url, type, bytes, clock.GetUtcNow());
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } } };
        request.Headers.Add("Content-Digest", signed.Digest);
        request.Headers.Add("Signature-Input", signed.Input);
        request.Headers.Add("Signature", signed.Signature);
        if (isBinary)
        {
            foreach (var (name, value) in cloudEvent.Where(a => a.Key is not ("data" or "datacontenttype")))
            {
                request.Headers.Add($"ce-{name}", value!.GetValue<string>());
            }
        }
        return request;
    }
}
