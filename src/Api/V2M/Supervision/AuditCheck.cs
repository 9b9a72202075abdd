using System.Text.Json;
using EventLedger.Api.Host;
using EventLedger.Api.V2M.Tables;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using Npgsql;

namespace EventLedger.Api.V2M.Supervision;

/// <summary>
/// Checks stored entries against what validators signed: the bytes give the leaf hash, the leaf lies in the tree of the sealing block, that block's commit holds, its
/// list of rejections is the one in its header, the sidecar is the one named, and a record's own signature verifies. Source: ITU-T Y.4561 (08/2020) 8.5.
/// </summary>
public sealed class AuditCheck(Genesis genesis, IEventStore store, LedgerSets sets, HostState state, MonitorTables tables)
{
    private sealed record Row(long Seq, Entry? Entry, Digest? Leaf, byte[]? Sidecar);

    /// <summary>Those that do not hold, each with the first reason.</summary>
    public async Task<IReadOnlyList<Rejected>> Run(IReadOnlyList<long> seqs, CancellationToken cancellation)
    {
        var failures = new List<Rejected>();
        var blocks = new Dictionary<long, string?>();
        foreach (var row in await tables.Read("audit_entries", Read, cancellation, seqs.ToArray()))
        {
            if (await Problem(row, blocks, cancellation) is { } code)
            {
                failures.Add(new(row.Seq, code));
            }
        }
        return failures;
    }

    private async Task<string?> Problem(Row row, Dictionary<long, string?> blocks, CancellationToken cancellation)
    {
        if (row.Entry is not { } entry || row.Leaf is not { } noted)
        {
            return "entry-missing";
        }
        var bytes = entry.ToBytes();
        var leaf = Entry.LeafHash(bytes);
        if (leaf != noted)
        {
            return "entry-changed";
        }
        if (await store.BlockOf(row.Seq, cancellation) is not { } block || !BlockHeader.TryParse(block.Header, out var header))
        {
            return "block-missing";
        }
        if (!blocks.TryGetValue(block.Height, out var problem))
        {
            blocks[block.Height] = problem = await BlockProblem(block, header, cancellation);
        }
        return problem
            ?? (MerkleTree.VerifyInclusion(leaf, row.Seq - 1, header.Size, (await store.InclusionPath(row.Seq, header.Size, cancellation)).ToArray(), header.Root) ? null : "not-included")
            ?? ContentProblem(entry, row.Sidecar ?? [], block.Rejected.Any(r => r.Seq == row.Seq));
    }

    private async Task<string?> BlockProblem(StoredBlock block, BlockHeader header, CancellationToken cancellation)
    {
        var before = header.Height == 1 ? genesis.Header : await store.Block(header.Height - 1, cancellation) is { } stored && BlockHeader.TryParse(stored.Header, out var h) ? h : null;
        return !Commit.TryParse(block.Commit, out var commit) || commit.Height != header.Height || commit.Block != header.Hash || commit.Problem(genesis.Chain, sets.At(header.Height)) is not null
            ? "commit-wrong"
            : before is null || header.Prev != before.Hash ? "chain-broken"
            : BlockHeader.ResultsOf(before.Results, block.Rejected.Select(r => new Rejected(r.Seq, r.Code))) != header.Results ? "results-wrong" : null;
    }

    // A rejected entry may hold anything; it has no effect.
    private string? ContentProblem(Entry entry, byte[] sidecar, bool isRejected)
    {
        if (isRejected)
        {
            return null;
        }
        using var data = JsonDocument.Parse(entry.Data);
        if (data.RootElement.TryGetProperty("sidecar", out var named) && sidecar.Length > 0 && named.GetString() != Digest.Of(sidecar).ToString())
        {
            return "sidecar-wrong";
        }
        return entry.Type == EventTable.SubmissionAccepted
            && (!entry.TryRecord(out var record, out _) || !state.Registry.Keys.TryGetValue(record.Kid, out var key) || !record.IsSignedBy(key.Jwk))
                ? RejectionCode.SignatureWrong
                : null;
    }

    private static Row Read(NpgsqlDataReader row)
    {
        if (row.IsDBNull(1) || row.IsDBNull(6))
        {
            return new(row.GetInt64(0), null, null, null);
        }
        using var data = JsonDocument.Parse(row.GetString(3));
        return new(row.GetInt64(0), new(row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetString(4), MonitorTables.Time(row, 5), row.GetString(6), Jcs.Bytes(data.RootElement)),
            new Digest(row.GetFieldValue<byte[]>(7)), row.IsDBNull(8) ? null : row.GetFieldValue<byte[]>(8));
    }
}
