using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Node;

namespace EventLedger.Validator.Tests.Node;

public sealed class MembershipTests : IAsyncLifetime
{
    private readonly TestNetwork net = new();
    private long seq, validatorVersion, findingVersion;

    public async ValueTask InitializeAsync()
    {
        await Voting(0, 1, 2, 3);
        await Seal(net.Genesis.Entry);
    }

    // A validator that starts listens for what it signed before; until then it only looks on.
    private async Task Voting(params int[] which)
    {
        await net.Start(which);
        await Task.WhenAll(which.Select(i => net.Until(i, s => !s.IsObserving)));
    }

    public ValueTask DisposeAsync() => net.DisposeAsync();

    [Fact]
    public async Task A_fifth_validator_joins_with_an_empty_disk_while_one_of_the_four_is_down_and_votes_from_the_second_block_on()
    {
        await net.Stop(3);
        var fifth = await Join();
        await net.Sealed(fifth, seq);
        net[fifth].Node.Status.IsObserving.ShouldBeTrue();
        (await net[fifth].Node.Ask(chain => chain.State.Set.Members.Count, TestContext.Current.CancellationToken)).ShouldBe(4);

        var changed = await Change(fifth, 0, 1, 2, 3);
        (await SetsOf(changed)).ShouldBe((4, 4));
        await Finding();
        (await SetsOf(changed + 1)).ShouldBe((4, 5));
        await net.Until(fifth, s => !s.IsObserving);
        // Four of five must sign and one is down, so nothing is sealed without the fifth.
        await Finding();
        (await SetsOf(changed + 2)).ShouldBe((5, 5));
        Signers(0).ShouldContain(Kid(fifth));

        await Voting(3);
        await net.Sealed(3, seq);
        await net.Stop(0);
        await Finding();
        Signers(3).ShouldBe([.. new[] { 1, 2, 3, fifth }.Select(Kid).Order(StringComparer.Ordinal)]);
    }

    [Fact]
    public async Task A_running_validator_changes_all_its_keys_at_the_height_where_the_ledger_does_and_one_that_was_away_finds_it_again()
    {
        await net.Stop(0);
        var (old, keys) = (Kid(1), net.Rotate(1));
        await Control(EventTable.ValidatorInvited, new() { ["request"] = Request(1, keys) });
        var next = keys.Single(k => k.Purpose == KeyPurpose.Consensus).Public.Kid;
        var changed = await ChangeTo([.. new[] { Kid(0), next, Kid(2), Kid(3) }]);
        Signers(2).ShouldContain(old);
        await Finding();
        Signers(2).ShouldContain(old);
        net.Rotated(1);
        // One of four is down, so the new key has to sign.
        await Finding();
        Signers(2).ShouldContain(next);
        Height().ShouldBe(changed + 2);

        // Who was away knows neither the new key nor its certificate, and gets in all the same.
        await Voting(0);
        await net.Sealed(0, seq);
        await net.Stop(2);
        await Finding();
        // It may have been waiting for its own votes when the entry was handed over; then nobody has waited for it.
        await net.Sealed(0, seq);
        Signers(0).ShouldBe([.. new[] { Kid(0), Kid(1), Kid(3) }.Order(StringComparer.Ordinal)]);
        await net.Stop(1);
        await Voting(2);
        await Voting(1);
        await Finding();
        await net.Sealed(1, seq);
        Signers(1).Count.ShouldBeGreaterThanOrEqualTo(3);
    }

    [Fact]
    public async Task One_that_leaves_is_let_go_after_the_switch_and_its_votes_count_no_more()
    {
        var fifth = await Join();
        await Change(fifth, 0, 1, 2, 3);
        await Finding();
        await Finding();
        await net.Until(fifth, s => !s.IsObserving);
        await net.Stop(0);
        var gone = Kid(2);
        var changed = await Change(0, 1, 3, fifth);
        // The last block of the old set needs its vote; whether it still hears of that block before it is let go is chance.
        await Finding(notFor: 2);
        await net.Stop(2);
        await Finding();
        (await SetsOf(changed + 2)).ShouldBe((4, 4));
        Signers(1).ShouldNotContain(gone);
        await net.Start(2);
        await Finding();
        // Nobody opens a stream to it, and none of its own is taken: it stays where it was.
        net[1].Node.Roster.Peers.Select(p => p.Kid).ShouldNotContain(gone);
        net[1].Node.Connected.ShouldNotContain(gone);
        net[2].Node.Status.Height.ShouldBeLessThan(Height());

        await Voting(0);
        await net.Sealed(0, seq);
        (await net[0].Node.Ask(chain => chain.State.Set.Find(gone) is null, TestContext.Current.CancellationToken)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_damaged_block_of_before_a_change_is_repaired_by_the_set_of_then()
    {
        var fifth = await Join();
        await Change(fifth, 0, 1, 2, 3);
        await Finding();
        await Finding();
        await net.Until(fifth, s => !s.IsObserving);
        using (var file = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(net.DirectoryOf(fifth), "blocks.db")};Pooling=False"))
        {
            file.Open();
            using var damage = file.CreateCommand();
            damage.CommandText = "UPDATE blocks SET sealed = x'00' WHERE height = 1";
            damage.ExecuteNonQuery();
        }
        using var client = net.ClientOf(fifth);
        (await TestNetwork.Call(client, "GetBlocks", new EventLedger.Wire.BlocksRequest { FromHeight = 1, Limit = 1 }, EventLedger.Wire.Block.Parser)).Status.ShouldBe("15");
        await net.Until(fifth, s => s.Problem.Length == 0);
        (await TestNetwork.Call(client, "GetBlocks", new EventLedger.Wire.BlocksRequest { FromHeight = 1, Limit = 1 }, EventLedger.Wire.Block.Parser)).Status.ShouldBe("0");
    }

    private string Kid(int i) => net.KeysOf(i).Single(k => k.Purpose == KeyPurpose.Consensus).Public.Kid;

    private long Height() => Running().Max(i => net[i].Node.Head.Height);

    private IEnumerable<int> Running() => Enumerable.Range(0, 5).Where(net.IsRunning);

    private IReadOnlyList<string> Signers(int i)
    {
        Commit.TryParse(net[i].Node.Head.Newest!.Commit, out var commit).ShouldBeTrue();
        return [.. commit!.Signatures.Select(s => s.Kid)];
    }

    // How many are in the set of a block, and in the one after.
    private async Task<(int Set, int Next)> SetsOf(long height)
    {
        var at = Running().First(i => net[i].Node.Head.Height >= height);
        var sets = await net[at].Node.Ask(chain => (This: chain.State.SetAt(height), Next: chain.State.SetAt(height + 1)), TestContext.Current.CancellationToken);
        net[at].Node.Head.Height.ShouldBe(height);
        BlockHeader.TryParse(net[at].Node.Head.Newest!.Header, out var header).ShouldBeTrue();
        (header!.Validators, header.NextValidators).ShouldBe((sets.This.Hash, sets.Next.Hash));
        return (sets.This.Members.Count, sets.Next.Members.Count);
    }

    private async Task<int> Join()
    {
        var fifth = net.Add();
        await net.Start(fifth);
        await Control(EventTable.ValidatorInvited, new() { ["request"] = Request(fifth, net.KeysOf(fifth)) });
        return fifth;
    }

    private JsonObject Request(int i, IReadOnlyCollection<SigningKey> keys) =>
        ValidatorRequest.Create($"v{i + 1}", net.AddressOf(i), net.Genesis.Chain, LedgerTime.From(DateTimeOffset.UtcNow), keys);

    private Task<long> Change(params int[] members) => ChangeTo([.. members.Select(Kid)]);

    private async Task<long> ChangeTo(string[] members)
    {
        await Control(EventTable.ValidatorSetChanged, new()
        {
            ["reason"] = "test", ["members"] = new JsonArray([.. members.Order(StringComparer.Ordinal).Select(kid => new JsonObject { ["kid"] = kid, ["power"] = 1 })]),
        });
        return Height();
    }

    private Task Control(string type, JsonObject data)
    {
        var now = LedgerTime.From(DateTimeOffset.UtcNow);
        var (nonce, exp) = (B64.Encode(new byte[16]), now.PlusMs(60_000));
        var subject = Authorization.Subject(net.Genesis.Chain, EventTable.ValidatorStream, type, data, validatorVersion, nonce, exp);
        data["authorization"] = Authorization.Create(nonce, exp, net.Operators.Select(o => Authorization.Sign(o, subject)));
        return Seal(new(seq + 1, EventTable.ValidatorStream, ++validatorVersion, type, now, "operator-0", Jcs.Bytes(data)));
    }

    private Task Finding(int? notFor = null) =>
        Seal(notFor, new(seq + 1, EventTable.FindingStream, ++findingVersion, EventTable.FindingRaised, LedgerTime.From(DateTimeOffset.UtcNow), "host", "{}"u8.ToArray()));

    private Task Seal(Entry entry) => Seal(null, entry);

    // One entry, one block; every validator that runs and is in the set has it, and nobody rejected it.
    private async Task Seal(int? notFor, Entry entry)
    {
        seq = entry.Seq;
        await net.Submit([entry]);
        foreach (var i in Running().Where(i => i != notFor && !net[i].Node.Status.IsObserving))
        {
            await net.Sealed(i, seq);
            Chain.ReadRejected(net[i].Node.Head.Newest!.Rejected).ShouldBeEmpty();
        }
    }
}
