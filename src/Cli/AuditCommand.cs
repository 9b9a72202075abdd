using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Domain.Ledger;
using EventLedger.Wire;

namespace EventLedger.Cli;

/// <summary>One thing that does not hold.</summary>
/// <param name="Where">postgresql, or a validator's name.</param>
/// <param name="What">Code.</param>
/// <param name="Seq">Which entry; null where it is not about one.</param>
/// <param name="Height">Which block; null where it is not about one.</param>
/// <param name="Detail">In words.</param>
internal sealed record Inconsistency(string Where, string What, long? Seq, long? Height, string Detail)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Where}: {(Seq is { } s ? $"entry {s}, " : "")}{(Height is { } h ? $"block {h}, " : "")}{What}: {Detail}");
}

/// <summary><c>ledger audit</c>: recomputes everything from PostgreSQL and from each validator and lists every inconsistency.</summary>
internal static class AuditCommand
{
    public static Command Create()
    {
        var only = new Option<string[]>("--validator") { Description = "Name of a validator to compare with; otherwise all." };
        var command = new Command("audit", "Recomputes the whole ledger and lists every inconsistency; exit 1 when there is one.")
        {
            only, Deployment.DataOption, Deployment.ConnectionOption,
        };
        command.SetAction(async (parsed, cancel) =>
        {
            using var deployment = Deployment.Open(parsed);
            await using var database = deployment.Database();
            var findings = new List<Inconsistency>();
            var store = new StoreAudit(database, deployment.Genesis, findings.Add);
            await Shell.Progress(parsed, "PostgreSQL", await store.Count(cancel), report => store.Run(report, cancel));
            var seated = (await deployment.Roll(cancel)).In(SeatState.Seated).Select(i => i.Validator).ToList();
            var names = parsed.GetValue(only) is { Length: > 0 } some ? some : [.. seated.Select(v => v.Name)];
            foreach (var validator in names.Select(name => seated.Find(v => v.Name == name) ?? deployment.Validator(name)))
            {
                await Shell.Progress(parsed, validator.Name, store.Height, report => Compare(deployment, validator, store, findings.Add, report, cancel));
            }
            var answer = new JsonObject
            {
                ["chain"] = deployment.Genesis.Chain, ["height"] = store.Height, ["size"] = store.Size, ["entries"] = store.Entries,
                ["compared"] = new JsonArray([.. names.Select(n => JsonValue.Create(n))]),
                ["inconsistencies"] = new JsonArray([.. findings.Select(f => new JsonObject
                {
                    ["where"] = f.Where, ["what"] = f.What, ["seq"] = f.Seq, ["height"] = f.Height, ["detail"] = f.Detail,
                })]),
            };
            var words = findings.Count == 0
                ? string.Create(CultureInfo.InvariantCulture, $"Nothing is wrong: {store.Entries} entries, {store.Height} blocks, compared with {string.Join(", ", names)}.")
                : string.Join('\n', findings) + string.Create(CultureInfo.InvariantCulture, $"\n{findings.Count} inconsistencies in {store.Entries} entries and {store.Height} blocks.");
            return Shell.Say(parsed, answer, words, findings.Count == 0 ? 0 : Shell.Refused);
        });
        return command;
    }

    // The validator's bytes against the leaves and headers that the store itself was found to hold.
    private static async Task Compare(Deployment deployment, GenesisValidator validator, StoreAudit store, Action<Inconsistency> found, Action<long> report,
        CancellationToken cancel)
    {
        using var gateway = deployment.Gateway(validator);
        // A damaged block ends a stream, so the next stream begins behind it.
        for (long next = 1; ;)
        {
            try
            {
                await foreach (var block in gateway.Blocks(new BlocksRequest { FromHeight = next, WithItems = true }, cancel))
                {
                    CompareBlock(validator.Name, block, store, found);
                    report(block.Height);
                    next = block.Height + 1;
                }
                if (next <= store.Height)
                {
                    found(new(validator.Name, "behind", null, next, "the validator does not have this block yet"));
                }
                await Mended(validator.Name, gateway, found, cancel);
                return;
            }
            catch (GrpcException e) when (e.Code == GrpcCode.DataLoss)
            {
                var range = store.BlockAt(next) is { } header ? string.Create(CultureInfo.InvariantCulture, $"entries {header.First} to {header.Size}, ") : "";
                found(new(validator.Name, "damaged", null, next++, $"{range}{e.Message}"));
            }
            catch (Exception e) when (e is GrpcException or HttpRequestException or IOException)
            {
                found(new(validator.Name, "unreachable", null, next, e.Message));
                return;
            }
        }
    }

    // A validator mends what it finds damaged at once, from its peers; only then does it know which entry it was.
    private static async Task Mended(string name, ValidatorClient gateway, Action<Inconsistency> found, CancellationToken cancel)
    {
        var health = await gateway.Health(cancel);
        for (var look = 0; health.Problem.Length > 0 && look < 50; look++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancel);
            health = await gateway.Health(cancel);
        }
        foreach (var block in health.Mended)
        {
            foreach (var seq in block.Seqs)
            {
                found(new(name, "entry-changed", seq, block.Height, $"its store held other bytes ({block.What}); it has the block again from another validator"));
            }
            if (block.Seqs.Count == 0)
            {
                found(new(name, "block-changed", null, block.Height, $"its store was damaged ({block.What}); it has the block again from another validator"));
            }
        }
    }

    private static void CompareBlock(string name, Block block, StoreAudit store, Action<Inconsistency> found)
    {
        if (!BlockHeader.TryParse(block.Header.Memory, out var header))
        {
            found(new(name, "header-malformed", null, block.Height, "not a header"));
            return;
        }
        if (store.BlockAt(block.Height) is { } own && own.Hash != header.Hash)
        {
            found(new(name, "header-differs", null, block.Height, "another block than the store's"));
        }
        for (var i = 0; i < block.Items.Count; i++)
        {
            var seq = header.First + i;
            if (store.LeafAt(seq) is { } leaf && Entry.LeafHash(block.Items[i].Entry.Span) != leaf)
            {
                found(new(name, "entry-differs", seq, block.Height, "the validator holds other bytes than the store"));
            }
        }
        if (block.Items.Count != header.Count)
        {
            found(new(name, "entries-missing", null, block.Height, "the block has not as many entries as its header says"));
        }
    }
}
