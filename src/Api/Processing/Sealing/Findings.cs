using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Processing.Sealing;

/// <summary>
/// Raises a finding for every rejected entry, once: what the stream of findings lacks is added, whichever host noticed it and whatever crashed in between.
/// </summary>
public sealed class Findings(IEventStore store, LedgerHead head, HostKeys keys)
{
    /// <summary>The finding's <c>kind</c>.</summary>
    public const string EntryRejected = "entry-rejected";

    /// <summary>Runs until cancelled.</summary>
    public async Task Run(CancellationToken cancellation)
    {
        var raised = await Raised(cancellation);
        for (var done = 0L; ;)
        {
            var size = head.Header.Size;
            foreach (var (seq, code) in await store.Rejections(done + 1, size, cancellation))
            {
                if (raised.Add(seq))
                {
                    await Raise(new() { ["kind"] = EntryRejected, ["seq"] = seq, ["code"] = code }, cancellation);
                }
            }
            done = size;
            await head.WaitSealed(done + 1, TimeSpan.FromMinutes(1), cancellation);
        }
    }

    private async Task Raise(JsonObject finding, CancellationToken cancellation)
    {
        var @event = new NewEvent(EventTable.FindingRaised, keys.Host.Name, Jcs.Bytes(finding));
        for (var version = 0L; ;)
        {
            switch (await store.Append(new(EventTable.FindingStream, version, @event), cancellation))
            {
                case AppendResult.VersionConflict conflict:
                    version = conflict.Actual;
                    break;
                case AppendResult.ReadOnly:
                    // The next start of sealing finds it missing again.
                    throw new InvalidOperationException("A finding waits until the store takes entries again.");
                default:
                    return;
            }
        }
    }

    private async Task<HashSet<long>> Raised(CancellationToken cancellation)
    {
        var raised = new HashSet<long>();
        foreach (var entry in await store.ReadStream(EventTable.FindingStream, 1, cancellation))
        {
            using var data = JsonDocument.Parse(entry.Entry.Data);
            if (data.RootElement.TryGetProperty("kind", out var kind) && kind.ValueEquals(EntryRejected) && data.RootElement.TryGetProperty("seq", out var seq))
            {
                raised.Add(seq.GetInt64());
            }
        }
        return raised;
    }
}
