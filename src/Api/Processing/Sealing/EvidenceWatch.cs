using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.Wire;
using Google.Protobuf;

namespace EventLedger.Api.Processing.Sealing;

/// <summary>
/// M2P: asks the validators for the evidence that they hold and brings it onto the ledger, each misbehaviour once, however many validators found it and however
/// many hosts ask. Nothing a validator says is believed: what does not hold is not brought.
/// </summary>
public sealed class EvidenceWatch(Genesis genesis, IEventStore store, LedgerHead head, HostState state, Validators validators, LedgerSets sets, ILogger<EvidenceWatch> log)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    private readonly Dictionary<Digest, Evidence> offered = [];
    private readonly HashSet<Digest> asked = [];

    /// <summary>Runs until cancelled, or until the store takes nothing.</summary>
    public async Task Run(CancellationToken cancellation)
    {
        offered.Clear();
        asked.Clear();
        var seen = new Dictionary<ValidatorClient, ByteString>();
        while (true)
        {
            foreach (var (from, reply) in await validators.Evidence(v => seen.GetValueOrDefault(v, ByteString.Empty), cancellation))
            {
                seen[from] = reply?.State ?? seen.GetValueOrDefault(from, ByteString.Empty);
                foreach (var item in reply?.Items ?? [])
                {
                    Take(item.Memory, from.Validator.Name);
                }
            }
            foreach (var evidence in offered.Values.Where(IsDue).ToList())
            {
                await Bring(evidence, cancellation);
            }
            asked.UnionWith(offered.Keys);
            await Task.Delay(LookEvery, cancellation);
        }
    }

    private void Take(ReadOnlyMemory<byte> item, string from)
    {
        if (!Evidence.TryParse(item, out var evidence) || evidence.Problem(genesis.Chain, sets.At(evidence.Height)) is not null)
        {
            log.LogWarning("Validator {Name} shows evidence that does not hold.", from);
        }
        else if (evidence.Answer is not null || !offered.ContainsKey(evidence.Key))
        {
            offered[evidence.Key] = evidence;
        }
    }

    // An accusation waits until all were asked once more: somebody may hold its answer, and then there is nothing to accuse of.
    private bool IsDue(Evidence evidence) => evidence.Height <= head.Header.Height + 1 && (evidence.Kind != EvidenceKind.Amnesia || evidence.Answer is not null || asked.Contains(evidence.Key));

    // Two hosts that bring the same at once expect the same version of the stream, so one of them reads it again and finds it there.
    private async Task Bring(Evidence evidence, CancellationToken cancellation)
    {
        var stream = EventTable.EvidenceStream(evidence.Kid);
        while (await Missing(evidence, stream, cancellation) is var (type, version))
        {
            var @event = new NewEvent(type, evidence.Kid, Jcs.Bytes(new JsonObject { ["evidence"] = evidence.ToJson() }));
            switch (await store.Append(new(stream, version, @event), cancellation))
            {
                case AppendResult.VersionConflict:
                    continue;
                case AppendResult.ReadOnly:
                    // The next start of sealing asks the validators again.
                    throw new InvalidOperationException("Evidence waits until the store takes entries again.");
                default:
                    log.LogError("Evidence of {Kind} against validator {Kid} at height {Height} goes onto the ledger.", evidence.Kind, evidence.Kid, evidence.Height);
                    return;
            }
        }
    }

    // What the ledger still lacks of it, and the version of its stream; null when there is nothing to add. An answer that nobody asked for stays ready.
    private async Task<(string Type, long Version)?> Missing(Evidence evidence, string stream, CancellationToken cancellation)
    {
        var isAnswer = evidence.Answer is not null;
        if (isAnswer && state.Evidence.Count == 0)
        {
            return null;
        }
        var entries = await store.ReadStream(stream, 1, cancellation);
        var (isShown, isAnswered) = (false, false);
        foreach (var entry in entries.Select(e => e.Entry))
        {
            if (Evidence.In(entry) is { } held && held.Key == evidence.Key && await IsValid(entry.Seq, held, cancellation))
            {
                isShown |= entry.Type == EventTable.EvidenceShown;
                isAnswered |= entry.Type == EventTable.EvidenceAnswered;
            }
        }
        return isAnswer
            ? isShown && !isAnswered ? (EventTable.EvidenceAnswered, entries.Count) : null
            : isShown ? null : (EventTable.EvidenceShown, entries.Count);
    }

    // A host that lies may have put something like it there: it will be sealed as rejected, and takes no place.
    private async Task<bool> IsValid(long seq, Evidence held, CancellationToken cancellation) =>
        held.Problem(genesis.Chain, sets.At(held.Height)) is null && (await store.Rejections(seq, seq, cancellation)).Count == 0;
}
