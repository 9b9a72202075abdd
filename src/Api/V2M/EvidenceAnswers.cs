using System.Globalization;
using EventLedger.Api.Host;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.V2M;

/// <summary>Answers about evidence: only what is sealed and not rejected, so that each of them was checked by the validators.</summary>
public sealed class EvidenceAnswers(Genesis genesis, IEventStore store, HostState state, LedgerHead head)
{
    /// <summary>Most items of one page.</summary>
    public const int LimitMax = 200;

    /// <summary>Evidence, newest first.</summary>
    /// <param name="limit">1 to 200.</param>
    /// <param name="before">Seq of the last item of the page before; null for the first page.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<Answer<EvidencePage>> Page(int limit, long? before, CancellationToken cancellation)
    {
        if (limit is < 1 or > LimitMax || before < 1)
        {
            return new Problem("request-malformed", $"'limit' is 1 to {LimitMax}, 'before' the number of an entry.");
        }
        var header = head.Header;
        var held = await Held(header.Size, cancellation);
        var shown = held.Where(e => e.Entry.Type == EventTable.EvidenceShown).OrderByDescending(e => e.Entry.Seq).ToList();
        var rest = shown.Where(e => e.Entry.Seq < (before ?? long.MaxValue)).ToList();
        var items = new List<EvidenceView>();
        foreach (var item in rest.Take(limit))
        {
            items.Add(await Describe(item, held, cancellation));
        }
        return new EvidencePage(shown.Count, new(header.Height, header.Size, header.Time), items,
            rest.Count > limit ? string.Create(CultureInfo.InvariantCulture, $"/v2m/v1/evidence?limit={limit}&before={items[^1].Seq}") : null);
    }

    /// <summary>One of them.</summary>
    public async Task<Answer<EvidenceView>> One(long seq, CancellationToken cancellation)
    {
        var held = await Held(head.Header.Size, cancellation);
        return held.Find(e => e.Entry.Seq == seq && e.Entry.Type == EventTable.EvidenceShown) is { Entry: not null } item
            ? await Describe(item, held, cancellation)
            : new Problem(RejectionCode.EvidenceUnknown, $"Entry {seq} is no sealed evidence.");
    }

    private async Task<List<(Entry Entry, Evidence Evidence)>> Held(long size, CancellationToken cancellation)
    {
        await state.FoldTo(size, cancellation);
        var held = new List<(Entry, Evidence)>();
        foreach (var seq in state.Evidence.Where(s => s <= size))
        {
            if (await store.ReadAll(seq, 1, cancellation) is [var stored] && (await store.Rejections(seq, seq, cancellation)).Count == 0 && Evidence.In(stored.Entry) is { } evidence)
            {
                held.Add((stored.Entry, evidence));
            }
        }
        return held;
    }

    private async Task<EvidenceView> Describe((Entry Entry, Evidence Evidence) item, List<(Entry Entry, Evidence Evidence)> held, CancellationToken cancellation)
    {
        var (entry, accusation) = item;
        var answer = held.Find(e => e.Entry.Type == EventTable.EvidenceAnswered && e.Evidence.Key == accusation.Key);
        var evidence = answer.Evidence ?? accusation;
        var block = await store.BlockOf(entry.Seq, cancellation) ?? throw new InvalidDataException($"The store lacks the block of entry {entry.Seq}.");
        var standing = evidence switch { { Answer: not null } => EvidenceVerifier.Answered, { Kind: EvidenceKind.Amnesia } => EvidenceVerifier.Accused, _ => "proved" };
        return new(entry.Seq, standing, evidence.Kind, evidence.Kid, genesis.Validators.FirstOrDefault(v => v.Member.Kid == evidence.Kid)?.Name, evidence.Height,
            evidence.First.Round, evidence.Second.Round, evidence.Second.Step, entry.Time, new(block.Height, block.Time), answer.Entry?.Seq, evidence.ToJson());
    }
}
