using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Processing.Sealing;

/// <summary>
/// Raises a finding for every rejected entry and all evidence against a validator, once: what the stream of findings lacks is added, whichever host noticed it and whatever crashed in between.
/// </summary>
public sealed class Findings(IEventStore store, LedgerHead head, HostState state, HostKeys keys)
{
    /// <summary>The finding's <c>kind</c>.</summary>
    public const string EntryRejected = "entry-rejected", ValidatorMisbehaved = "validator-misbehaved", ValidatorAccused = "validator-accused";

    /// <summary>Runs until cancelled.</summary>
    public async Task Run(CancellationToken cancellation)
    {
        var raised = await Raised(cancellation);
        for (var done = 0L; ;)
        {
            var size = head.Header.Size;
            foreach (var (seq, code) in await store.Rejections(done + 1, size, cancellation))
            {
                if (raised.Add((EntryRejected, seq)))
                {
                    await Raise(new() { ["kind"] = EntryRejected, ["seq"] = seq, ["code"] = code }, cancellation);
                }
            }
            await state.FoldTo(size, cancellation);
            foreach (var seq in state.Evidence.Where(s => s > done && s <= size))
            {
                if (await Shown(seq, cancellation) is { } evidence && KindOf(evidence) is var kind && raised.Add((kind, seq)))
                {
                    await Raise(new() { ["kind"] = kind, ["seq"] = seq, ["code"] = evidence.Kind, ["validator"] = evidence.Kid }, cancellation);
                }
            }
            done = size;
            await head.WaitSealed(done + 1, TimeSpan.FromMinutes(1), cancellation);
        }
    }

    private static string KindOf(Evidence evidence) => evidence.Kind == EvidenceKind.Amnesia ? ValidatorAccused : ValidatorMisbehaved;

    private async Task<Evidence?> Shown(long seq, CancellationToken cancellation) =>
        await store.ReadAll(seq, 1, cancellation) is [{ Entry: { Type: EventTable.EvidenceShown } entry }] && (await store.Rejections(seq, seq, cancellation)).Count == 0
            ? Evidence.In(entry)
            : null;

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

    private async Task<HashSet<(string Kind, long Seq)>> Raised(CancellationToken cancellation)
    {
        var raised = new HashSet<(string, long)>();
        foreach (var entry in await store.ReadStream(EventTable.FindingStream, 1, cancellation))
        {
            using var data = JsonDocument.Parse(entry.Entry.Data);
            if (data.RootElement.TryGetProperty("kind", out var kind) && kind.ValueKind == JsonValueKind.String && data.RootElement.TryGetProperty("seq", out var seq)
                && seq.ValueKind == JsonValueKind.Number)
            {
                raised.Add((kind.GetString()!, seq.GetInt64()));
            }
        }
        return raised;
    }
}
