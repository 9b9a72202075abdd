using EventLedger.Api.Host;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Processing.Proofs;

/// <summary>Puts proof bundles together from what the store holds and what the validators sign. Source: DESIGN section 3 "A proof bundle".</summary>
public sealed class ProofBuilder(Genesis genesis, IEventStore store, HostState state, LedgerHead head, LedgerSets sets, AskStatus ask)
{
    /// <summary>How many heights back the status is asked for when too few validators are at the newest one yet.</summary>
    private const int HeightsBack = 2;

    /// <summary>The bundle of a sealed record, without any disclosure; a problem when it is not sealed or the validators do not say its status.</summary>
    public async Task<Answer<ProofBundle>> OfRecord(long seq, CancellationToken cancellation)
    {
        if (seq < 1 || await store.ReadAll(seq, 1, cancellation) is not [{ Entry.Type: EventTable.SubmissionAccepted } stored])
        {
            return new Problem("seq-unknown", $"There is no record {seq}.");
        }
        if (await store.BlockOf(seq, cancellation) is not { } block)
        {
            return new Problem("record-not-sealed", $"Record {seq} is accepted but not sealed yet, so nothing about it can be proved. Ask again in a moment.");
        }
        if (block.Rejected.Any(r => r.Seq == seq))
        {
            return new Problem("record-rejected", $"Entry {seq} was sealed as rejected and has no effect.");
        }
        if (!stored.Entry.TryRecord(out var record, out _) || await Issuer(seq, record, cancellation) is not { } issuer)
        {
            return new Problem("seq-unknown", $"The key that signed record {seq} is not known here yet. Ask again in a moment.");
        }
        StatusProof? status = null;
        if (record.Payload.TryGetProperty("status", out _) && (status = await Status(seq, stored.Leaf, block.Height, cancellation)) is null)
        {
            return new Problem("status-unavailable", "Too few validators answer to prove the record's status. Ask again in a moment.");
        }
        var header = HeaderOf(block);
        var previous = block.Height == 1 ? genesis.Header : HeaderOf(await Block(block.Height - 1, cancellation));
        var path = await store.InclusionPath(seq, header.Size, cancellation);
        return new ProofBundle(record.ToString(), issuer, stored.Entry, path, header, previous.Results, [.. block.Rejected.Select(r => new Rejected(r.Seq, r.Code))],
            CommitOf(block), await Sets(Math.Max(header.Height, status?.Header.Height ?? 0), cancellation), status);
    }

    /// <summary>That an entry of any type is sealed; a problem when it is not, or was rejected.</summary>
    /// <param name="seq">Its place.</param>
    /// <param name="disclosures">What is shown of the values that its digests stand for.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public async Task<Answer<EntryProof>> OfEntry(long seq, IReadOnlyList<string> disclosures, CancellationToken cancellation)
    {
        if (seq < 1 || await store.ReadAll(seq, 1, cancellation) is not [var stored])
        {
            return new Problem("seq-unknown", $"There is no entry {seq}.");
        }
        if (await store.BlockOf(seq, cancellation) is not { } block)
        {
            return new Problem("record-not-sealed", $"Entry {seq} is accepted but not sealed yet, so nothing about it can be proved. Ask again in a moment.");
        }
        if (block.Rejected.Any(r => r.Seq == seq))
        {
            return new Problem("record-rejected", $"Entry {seq} was sealed as rejected and has no effect.");
        }
        var header = HeaderOf(block);
        var previous = block.Height == 1 ? genesis.Header : HeaderOf(await Block(block.Height - 1, cancellation));
        return new EntryProof(stored.Entry, await store.InclusionPath(seq, header.Size, cancellation), header, previous.Results,
            [.. block.Rejected.Select(r => new Rejected(r.Seq, r.Code))], CommitOf(block), await Sets(header.Height, cancellation), disclosures);
    }

    // Every change up to the highest block that the bundle uses: its verifier walks from the genesis set to the ones that signed here.
    private async Task<List<SetStep>> Sets(long highest, CancellationToken cancellation)
    {
        var steps = new List<SetStep>();
        foreach (var step in sets.Steps.Where(s => s.From > 1 && s.From <= highest))
        {
            var block = await Block(step.From - 1, cancellation);
            steps.Add(new(HeaderOf(block), CommitOf(block), step.Set));
        }
        return steps;
    }

    private async Task<Jwk?> Issuer(long seq, SdJwt record, CancellationToken cancellation)
    {
        await state.FoldTo(seq, cancellation);
        return state.Registry.Keys.GetValueOrDefault(record.Kid)?.Jwk;
    }

    private async Task<StatusProof?> Status(long seq, Digest leaf, long sealing, CancellationToken cancellation)
    {
        var newest = Math.Max(head.Header.Height, sealing);
        for (var height = newest; height >= Math.Max(sealing, newest - HeightsBack); height--)
        {
            var block = await Block(height, cancellation);
            var said = await ask(seq, height, cancellation);
            if (Agreed(said, leaf, HeaderOf(block)) is { } agreed)
            {
                return new(agreed[0].Statement, HeaderOf(block), CommitOf(block), [.. agreed.Select(a => a.Signature)]);
            }
        }
        return null;
    }

    // One statement that more than two thirds of the power signed; a validator that says something else, or signs wrongly, does not count.
    private List<(StatusStatement Statement, KidSignature Signature)>? Agreed(IReadOnlyList<(StatusStatement Statement, KidSignature Signature)> said, Digest leaf, BlockHeader header) => said
        .Where(s => s.Statement.Record == leaf && s.Statement.Chain == genesis.Chain && s.Statement.Height == header.Height && s.Statement.Time == header.Time)
        .Where(s => Signer(s.Signature.Kid, header.Height) is { } member && B64.TryDecode(s.Signature.Sig, out var signature)
            && member.Keys[KeyPurpose.Status].Verify(s.Statement.ToBytes(), signature))
        .DistinctBy(s => s.Signature.Kid)
        .GroupBy(s => s.Statement)
        .Where(g => sets.At(header.Height).IsQuorum(g.Sum(s => Signer(s.Signature.Kid, header.Height)!.Power)))
        .Select(g => g.OrderBy(s => s.Signature.Kid, StringComparer.Ordinal).ToList())
        .FirstOrDefault();

    private Member? Signer(string kid, long height) => sets.At(height).Members.FirstOrDefault(m => m.Keys.TryGetValue(KeyPurpose.Status, out var key) && key.Kid == kid);

    private async Task<StoredBlock> Block(long height, CancellationToken cancellation) =>
        await store.Block(height, cancellation) ?? throw new InvalidDataException($"The store lacks block {height}.");

    private static BlockHeader HeaderOf(StoredBlock block) =>
        BlockHeader.TryParse(block.Header, out var header) ? header : throw new InvalidDataException($"Block {block.Height} in the store is damaged.");

    private static Commit CommitOf(StoredBlock block) =>
        Commit.TryParse(block.Commit, out var commit) ? commit : throw new InvalidDataException($"Block {block.Height} in the store is damaged.");
}
