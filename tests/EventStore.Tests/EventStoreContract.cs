using System.Text;
using EventLedger.Domain.Ledger;
using Shouldly;
using Xunit;
using static EventLedger.EventStore.Tests.Samples;

namespace EventLedger.EventStore.Tests;

/// <summary>What every event store promises, whatever it keeps its entries in.</summary>
public abstract class EventStoreContract
{
    private readonly string prefix = $"{Guid.NewGuid():n}-";

    protected abstract IEventStore Store { get; }

    private string Stream(string name) => prefix + name;

    [Fact]
    public async Task An_append_gets_the_next_place_and_its_bytes()
    {
        var head = await Store.Head(Now);
        var result = await Store.Append(new(Stream("a"), 0, [Event("one"), Event("two")], []), Now);

        var appended = result.ShouldBeOfType<AppendResult.Appended>();
        appended.FirstSeq.ShouldBe(head.Seq + 1);
        appended.LastSeq.ShouldBe(head.Seq + 2);
        appended.Entries.Select(e => e.Entry.Version).ShouldBe([1, 2]);
        foreach (var stored in appended.Entries)
        {
            Entry.TryParse(stored.Bytes, out var parsed).ShouldBeTrue();
            parsed.Seq.ShouldBe(stored.Entry.Seq);
            stored.Leaf.ShouldBe(Entry.LeafHash(stored.Bytes.Span));
        }
        (await Store.Head(Now)).ShouldBe(new(appended.LastSeq, appended.Entries[1].Entry.Time));
    }

    [Fact]
    public async Task What_is_read_is_what_was_appended()
    {
        var appended = (AppendResult.Appended)await Store.Append(new(Stream("a"), 0, [Event("ü\\n€😀"), Event("two")], []), Now);

        var read = await Store.ReadStream(Stream("a"), 1, Now);
        read.Select(e => Encoding.UTF8.GetString(e.Bytes.Span)).ShouldBe(appended.Entries.Select(e => Encoding.UTF8.GetString(e.Bytes.Span)));
        read.Select(e => e.Leaf).ShouldBe(appended.Entries.Select(e => e.Leaf));
        (await Store.ReadStream(Stream("a"), 2, Now)).Single().Entry.Version.ShouldBe(2);
        (await Store.ReadStream(Stream("nobody"), 1, Now)).ShouldBeEmpty();
        (await Store.ReadAll(appended.FirstSeq, 2, Now)).Select(e => e.Leaf).ShouldBe(appended.Entries.Select(e => e.Leaf));
        (await Store.ReadAll(appended.LastSeq + 1_000_000, 2, Now)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_stale_version_fails_alone_and_names_the_version_there_is()
    {
        await Store.Append(To(Stream("a"), 0), Now);
        var results = await Store.AppendMany([To(Stream("b"), 0), To(Stream("a"), 0), To(Stream("c"), 3), To(Stream("a"), 1)], Now);

        results[0].ShouldBeOfType<AppendResult.Appended>();
        results[1].ShouldBe(new AppendResult.VersionConflict(1));
        results[2].ShouldBe(new AppendResult.VersionConflict(0));
        results[3].ShouldBeOfType<AppendResult.Appended>();
        results[3].Entry().Entry.Seq.ShouldBe(results[0].Entry().Entry.Seq + 1);
    }

    [Fact]
    public async Task Appends_of_one_group_see_each_other_in_order()
    {
        var results = await Store.AppendMany([To(Stream("a"), 0), To(Stream("a"), 0), To(Stream("a"), 1), To(Stream("a"), 5)], Now);

        results[0].Entry().Entry.Version.ShouldBe(1);
        results[1].ShouldBe(new AppendResult.VersionConflict(1));
        results[2].Entry().Entry.Version.ShouldBe(2);
        results[3].ShouldBe(new AppendResult.VersionConflict(2));
    }

    [Fact]
    public async Task A_loser_within_a_group_gets_its_chance_when_the_winner_fails()
    {
        await Store.Append(To(Stream("a"), 0, Jti(Stream("1"))), Now);
        // The second loses to the first of its group, which itself loses to what is stored: then the second is right.
        var results = await Store.AppendMany([To(Stream("b"), 0, Jti(Stream("2")), Jti(Stream("1"))), To(Stream("c"), 0, Jti(Stream("2")))], Now);

        results[0].ShouldBe(new AppendResult.UniqueTaken(Jti(Stream("1")), (await Store.SeqOf(Jti(Stream("1")), Now))!.Value));
        results[1].ShouldBeOfType<AppendResult.Appended>();
    }

    [Fact]
    public async Task A_unique_key_has_one_holder()
    {
        var first = (await Store.Append(To(Stream("a"), 0, Jti(Stream("1"))), Now)).Entry().Entry.Seq;
        var results = await Store.AppendMany([To(Stream("b"), 0, Jti(Stream("1"))), To(Stream("c"), 0, Jti(Stream("2"))), To(Stream("d"), 0, Jti(Stream("2")))], Now);

        results[0].ShouldBe(new AppendResult.UniqueTaken(Jti(Stream("1")), first));
        results[2].ShouldBe(new AppendResult.UniqueTaken(Jti(Stream("2")), results[1].Entry().Entry.Seq));
        (await Store.SeqOf(Jti(Stream("1")), Now)).ShouldBe(first);
        (await Store.SeqOf(Jti(Stream("3")), Now)).ShouldBeNull();
        (await Store.SeqOf(new(UniqueKind.Nonce, Jti(Stream("1")).Key), Now)).ShouldBeNull();
    }

    [Fact]
    public async Task A_held_key_is_told_before_a_version_conflict()
    {
        await Store.Append(To(Stream("a"), 0, Jti(Stream("1"))), Now);
        (await Store.Append(To(Stream("a"), 0, Jti(Stream("1"))), Now)).ShouldBeOfType<AppendResult.UniqueTaken>();
    }

    [Fact]
    public async Task Nothing_is_appended_while_the_guard_stands()
    {
        var head = await Store.Head(Now);
        Store.ReadOnlyReason = "behind the chain";
        (await Store.Append(To(Stream("a"), 0), Now)).ShouldBe(new AppendResult.ReadOnly("behind the chain"));
        (await Store.AppendMany([To(Stream("a"), 0)], Now)).ShouldBe([new AppendResult.ReadOnly("behind the chain")]);
        Store.ReadOnlyReason = null;
        (await Store.Head(Now)).ShouldBe(head);
        (await Store.Append(To(Stream("a"), 0), Now)).ShouldBeOfType<AppendResult.Appended>();
    }

    [Fact]
    public async Task An_append_that_can_never_be_sealed_is_refused()
    {
        await Should.ThrowAsync<ArgumentException>(() => Store.Append(new(Stream("a"), 0, [], []), Now));
        await Should.ThrowAsync<ArgumentException>(() => Store.Append(new(Stream("a"), 0, Event(new string('x', 60_000))), Now));
        await Should.ThrowAsync<ArgumentException>(() => Store.Append(To(Stream("a"), 0, Jti("1"), Jti("1")), Now));
    }

    [Fact]
    public async Task Sidecars_come_back_by_place()
    {
        var appended = (AppendResult.Appended)await Store.Append(new(Stream("a"), 0, [Event("1", "secret"), Event("2"), Event("3", "other")], []), Now);
        var sidecars = await Store.ReadSidecars(appended.FirstSeq, appended.LastSeq, Now);
        sidecars.Keys.Order().ShouldBe([appended.FirstSeq, appended.LastSeq]);
        Encoding.UTF8.GetString(sidecars[appended.FirstSeq].Span).ShouldBe("secret");
    }

    [Fact]
    public async Task Versions_of_streams_leave_out_those_that_do_not_exist()
    {
        await Store.AppendMany([To(Stream("a"), 0), To(Stream("a"), 1), To(Stream("b"), 0)], Now);
        (await Store.StreamVersions([Stream("a"), Stream("b"), Stream("c")], Now))
            .OrderBy(s => s.Key).Select(s => s.Value).ShouldBe([2, 1]);
    }

    [Fact]
    public async Task Waiting_for_an_entry_ends_when_it_is_there()
    {
        var head = await Store.Head(Now);
        var waiting = Store.WaitForEntry(head.Seq + 1, TimeSpan.FromMinutes(1), Now);
        await Store.Append(To(Stream("a"), 0), Now);
        (await waiting).ShouldBeTrue();
        (await Store.WaitForEntry(head.Seq + 1_000_000, TimeSpan.Zero, Now)).ShouldBeFalse();
    }
}
