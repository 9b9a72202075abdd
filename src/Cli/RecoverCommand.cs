using System.CommandLine;
using System.Globalization;
using System.Text;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.Wire;
using StoreKind = EventLedger.EventStore.UniqueKind;

namespace EventLedger.Cli;

/// <summary><c>ledger recover</c>: rebuilds an empty event store from one validator; every block is checked, so the validator need not be trusted.</summary>
internal static class RecoverCommand
{
    public static Command Create()
    {
        var from = new Option<string?>("--validator") { Description = "Name of the validator; otherwise the first of the genesis file." };
        var request = new Option<FileInfo?>("--request") { Description = "request.json of a validator that joined later, or changed its keys or address: it is asked instead." };
        var command = new Command("recover", "Rebuilds an empty event store from one validator. Goes on where it stopped when it is run again.")
        {
            from, request, Deployment.DataOption, Deployment.ConnectionOption,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            using var deployment = Deployment.Open(parsed);
            await using var database = deployment.Database();
            await using var store = await deployment.Store(database, cancel);
            using var gateway = deployment.Gateway(parsed.GetValue(request) is { } file ? Deployment.Introduced(file) : deployment.Validator(parsed.GetValue(from)));
            var head = await gateway.Call("GetHead", GrpcFrames.Encode(new HeadRequest()), Block.Parser, TimeSpan.FromSeconds(10), cancel);
            var last = new Rebuild(deployment.Genesis, store);
            await Shell.Progress(parsed, "blocks", head.Height, async report =>
            {
                await foreach (var block in gateway.Blocks(new BlocksRequest { FromHeight = 1, WithItems = true, Limit = (int)head.Height }, cancel))
                {
                    await last.Take(block, cancel);
                    report(block.Height);
                }
            });
            return Shell.Say(parsed, new() { ["height"] = last.Head.Height, ["size"] = last.Head.Size, ["root"] = last.Head.Root.ToString() },
                string.Create(CultureInfo.InvariantCulture, $"Rebuilt {last.Head.Size} entries in {last.Head.Height} blocks; root {last.Head.Root}. Projections are built when the host starts."));
        });
        return command;
    }

    /// <summary>Checks each block against genesis and rules before a row is written.</summary>
    private sealed class Rebuild(Genesis genesis, IEventStore store)
    {
        private readonly LedgerState state = new(genesis);
        private readonly MerkleFrontier tree = new();

        public BlockHeader Head => state.Head;

        public async Task Take(Block block, CancellationToken cancel)
        {
            var entries = block.Items.Select(i => CheckedEntry.TryRead(i.Entry.Memory, kid => state.Registry.Keys.GetValueOrDefault(kid)?.Jwk)
                ?? throw Wrong(block, "an entry is malformed")).ToList();
            if (!BlockHeader.TryParse(block.Header.Memory, out var header) || !Commit.TryParse(block.Commit.Memory, out var commit)
                || commit.Block != header.Hash || commit.Height != header.Height || commit.Problem(genesis.Chain, state.Set) is not null
                || (header.Validators, header.NextValidators) != (state.Set.Hash, state.NextSet.Hash))
            {
                throw Wrong(block, "header and commit do not hold");
            }
            if (header.Prev != Head.Hash || header.First != Head.Size + 1 || entries.Count != header.Count || entries.Where((e, i) => e.Entry.Seq != header.First + i).Any())
            {
                throw Wrong(block, "it does not go on where the block before ends");
            }
            foreach (var entry in entries)
            {
                tree.Append(entry.Leaf);
            }
            var verdict = state.Check(entries, header.Time);
            if (tree.Root() != header.Root || BlockHeader.ResultsOf(Head.Results, verdict.Rejected) != header.Results)
            {
                throw Wrong(block, "its entries are not those that were sealed");
            }
            await Write(block, header, entries, verdict, cancel);
            state.Apply(header, verdict);
        }

        private async Task Write(Block block, BlockHeader header, List<CheckedEntry> entries, BatchVerdict verdict, CancellationToken cancel)
        {
            var there = (await store.Head(cancel)).Seq;
            var rejected = verdict.Rejected.Select(r => r.Seq).ToHashSet();
            var missing = entries.Select((e, i) => (Entry: e, block.Items[i].Sidecar)).Where(e => e.Entry.Entry.Seq > there)
                .Select(e => new RestoredEntry(e.Entry.Bytes, e.Sidecar.Memory, rejected.Contains(e.Entry.Entry.Seq) ? [] : Uniques(e.Entry))).ToList();
            if (missing.Count > 0)
            {
                await store.Restore(missing, cancel);
            }
            await store.StoreBlock(new(header.Height, header.First, header.Size, header.Time, block.Header.Memory, block.Commit.Memory,
                [.. verdict.Rejected.Select(r => new RejectedEntry(r.Seq, r.Code))]), cancel);
        }

        private static List<UniqueKey> Uniques(CheckedEntry entry) => entry.Record is { } record && Claims.TryRead(record.Payload, out var claims)
            ? [.. claims.Uniques().Select(u => new UniqueKey(u.Kind == Domain.Ledger.UniqueKind.Jti ? StoreKind.Jti : StoreKind.StatusIndex, u.Key))]
            : [];

        private static InvalidDataException Wrong(Block block, string why) => new(new StringBuilder().Append(CultureInfo.InvariantCulture,
            $"Block {block.Height} of this validator is not to be trusted: {why}. Nothing of it was written; take another validator with --validator.").ToString());
    }
}
