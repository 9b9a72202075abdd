using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger;

public sealed class ValidatorEventsTests
{
    private readonly RulesChain chain = RulesChain.WithSource();

    [Fact]
    public void A_change_sealed_at_h_is_named_by_h_plus_1_and_in_force_at_h_plus_2()
    {
        var bodies = Invite("a", "b", "c", "d");
        var genesis = chain.State.Set;
        Change(bodies).ShouldBeNull();
        var (h, next) = (chain.State.Head.Height, chain.State.NextSet);
        next.Members.Select(m => m.Kid).ShouldBe(Kids(bodies));
        (chain.State.SetAt(h), chain.State.SetAt(h + 1), chain.State.SetAt(h + 2)).ShouldBe((genesis, genesis, next));
        chain.State.Set.ShouldBe(genesis);
        Finding().ShouldBeNull();
        chain.State.Set.ShouldBe(next);
        (chain.State.SetAt(h + 1), chain.State.SetAt(h + 2), chain.State.SetAt(h + 9)).ShouldBe((genesis, next, next));
    }

    [Fact]
    public void Who_votes_is_decided_by_two_people_unless_genesis_says_otherwise()
    {
        chain.Control(EventTable.ValidatorInvited, EventTable.ValidatorStream, Request(Body("a"))).ShouldBe(RejectionCode.AuthorizationPersons);
        var bodies = Invite("b", "c", "d", "e");
        chain.Control(EventTable.ValidatorSetChanged, EventTable.ValidatorStream, Set(bodies)).ShouldBe(RejectionCode.AuthorizationPersons);
        var one = RulesChain.WithSource((EventTable.ValidatorInvited, 1));
        one.Control(EventTable.ValidatorInvited, EventTable.ValidatorStream, Request(Body("a"), one)).ShouldBeNull();
    }

    [Fact]
    public void A_second_change_waits_until_the_first_is_in_force_in_the_same_block_too()
    {
        var bodies = Invite("a", "b", "c", "d", "e");
        Change(bodies[..4]).ShouldBeNull();
        Change(bodies[1..]).ShouldBe(RejectionCode.SetPending);
        Finding().ShouldBeNull();

        // Both in one block: whichever comes first stands, and the other does not.
        var entries = new[] { Set(bodies[1..]), Set(bodies) }.Select((data, i) => Entry(i, data)).ToList();
        var verdict = chain.State.Check([.. entries.Select(e => CheckedEntry.TryRead(e.ToBytes(), keys: null)!)], RulesChain.Start.PlusMs(60_000));
        verdict.Rejected.ShouldBe([new(entries[1].Seq, RejectionCode.SetPending)]);
        verdict.Registry.Roll.Set.Members.Select(m => m.Kid).ShouldBe(Kids(bodies[1..]));
        Change(bodies[1..]).ShouldBeNull();
    }

    [Fact]
    public void No_set_is_too_small_too_large_without_power_of_strangers_or_of_one_body_twice()
    {
        var bodies = Invite("a", "b", "c", "d", "e");
        Change([]).ShouldBe(RejectionCode.SetSize);
        Change(bodies[..3]).ShouldBe(RejectionCode.SetSize);
        Change([.. Enumerable.Range(0, 32).Select(_ => bodies[0])]).ShouldBe(RejectionCode.SetSize);
        Change(bodies, 0).ShouldBe(RejectionCode.SetPower);
        Change(bodies, -1).ShouldBe(RejectionCode.SetPower);
        Change(bodies, int.MaxValue).ShouldBe(RejectionCode.SetPower);
        Change(bodies, 1L << 40).ShouldBe(RejectionCode.SetPower);
        Change([.. bodies[..4], bodies[3]]).ShouldBe(RejectionCode.DataMalformed);
        Change([.. bodies[..3], Body("f")]).ShouldBe(RejectionCode.ValidatorUnknown);
        var unsorted = Set(bodies);
        unsorted["members"] = new JsonArray([.. unsorted["members"]!.AsArray().Reverse().Select(m => m!.DeepClone())]);
        Control(EventTable.ValidatorSetChanged, unsorted).ShouldBe(RejectionCode.DataMalformed);
        chain.State.NextSet.ShouldBe(chain.Genesis.Set);

        Change(bodies, int.MaxValue / 5).ShouldBeNull();
        Finding();
        Change(bodies, int.MaxValue / 5).ShouldBe(RejectionCode.SetUnchanged);
        var rotated = Invite("a")[0];
        Change([.. bodies, rotated]).ShouldBe(RejectionCode.SetNames);
    }

    [Fact]
    public void An_invitation_needs_a_signature_of_every_key_and_a_place_of_its_own()
    {
        var body = Body("a");
        var request = Request(body)["request"]!.AsObject();
        JsonObject Without(int i)
        {
            var copy = (JsonObject)request.DeepClone();
            copy["signatures"]!.AsArray().RemoveAt(i);
            return new() { ["request"] = copy };
        }
        Enumerable.Range(0, 5).Select(i => Control(EventTable.ValidatorInvited, Without(i))).ShouldAllBe(code => code == RejectionCode.SignatureWrong);
        var renamed = (JsonObject)request.DeepClone();
        renamed["body"]!["name"] = "b";
        Control(EventTable.ValidatorInvited, new() { ["request"] = renamed }).ShouldBe(RejectionCode.SignatureWrong);
        Control(EventTable.ValidatorInvited, Request(body, RulesChain.WithSource())).ShouldBe(RejectionCode.LedgerWrong);
        Control(EventTable.ValidatorInvited, Request(body, at: RulesChain.Start.PlusMs(3_600_000))).ShouldBe(RejectionCode.IatFuture);
        chain.Control(EventTable.ValidatorInvited, "elsewhere", Request(body), chain.Operators).ShouldBe(RejectionCode.StreamWrong);
        Control(EventTable.ValidatorInvited, Request(body, address: "127.0.0.1:1")).ShouldBe(RejectionCode.ValidatorKnown);
        foreach (var address in (string[])["", "host", "host:0", "host:65536", "host/x:1", "http://host:1", "a b:1"])
        {
            Control(EventTable.ValidatorInvited, Request(body, address: address)).ShouldBe(RejectionCode.DataMalformed, address);
        }
        Control(EventTable.ValidatorInvited, Request(body)).ShouldBeNull();
        chain.State.NextSet.ShouldBe(chain.Genesis.Set);
    }

    [Fact]
    public void A_key_that_anybody_ever_brought_is_no_validators_key_and_the_other_way_round()
    {
        var gone = Invite("gone")[0];
        Control(EventTable.ValidatorWithdrawn, new() { ["kid"] = gone.Kid, ["reason"] = "x" }).ShouldBeNull();
        var seat = SigningKey.From(KeyPurpose.Status, System.Security.Cryptography.ECDsa.Create(chain.Source.Export()));
        var person = SigningKey.From(KeyPurpose.Transport, System.Security.Cryptography.ECDsa.Create(chain.Operators[0].Export()));
        foreach (var taken in (SigningKey[])[seat, person, gone.Of(KeyPurpose.Consensus), gone.Of(KeyPurpose.Transport)])
        {
            Control(EventTable.ValidatorInvited, Request(Body("a").With(taken))).ShouldBe(RejectionCode.KeyKnown);
        }
        var twice = Body("a");
        Control(EventTable.ValidatorInvited, Request(twice.With(SigningKey.From(KeyPurpose.Status, System.Security.Cryptography.ECDsa.Create(twice.Keys[0].Export())))))
            .ShouldBe(RejectionCode.DataMalformed);
        var invited = Invite("b")[0];
        var record = SigningKey.From(KeyPurpose.Record, System.Security.Cryptography.ECDsa.Create(invited.Of(KeyPurpose.Receipt).Export()));
        chain.Control(EventTable.SourceApproved, EventTable.SourceStream("https://b.example"), new() { ["request"] = chain.Request(record, "https://b.example") })
            .ShouldBe(RejectionCode.KeyKnown);
    }

    [Fact]
    public void A_rotation_may_keep_keys_of_the_seat_but_not_the_one_that_votes_and_the_old_ones_are_let_go_with_the_body()
    {
        var bodies = Invite("a", "b", "c", "d", "e");
        Change(bodies).ShouldBeNull();
        Finding();
        Control(EventTable.ValidatorInvited, Request(Body("a").With(bodies[0].Of(KeyPurpose.Consensus)), name: "a")).ShouldBe(RejectionCode.KeyKnown);
        Control(EventTable.ValidatorInvited, Request(Body("a").With(bodies[1].Of(KeyPurpose.Transport)), name: "a")).ShouldBe(RejectionCode.KeyKnown);
        var rotated = Body("a").With(bodies[0].Of(KeyPurpose.Transport));
        Control(EventTable.ValidatorInvited, Request(rotated)).ShouldBeNull();
        Change([rotated, .. bodies[1..]]).ShouldBeNull();
        State(bodies[0]).ShouldBe(SeatState.Replaced);
        Finding();
        Change(bodies).ShouldBe(RejectionCode.ValidatorUnknown, "a replaced key never votes again");
        Change(bodies[1..]).ShouldBeNull();
        (State(bodies[0]), State(rotated)).ShouldBe((SeatState.Gone, SeatState.Gone));
        Finding();
        Change([rotated, .. bodies[1..]]).ShouldBe(RejectionCode.ValidatorUnknown);
        Control(EventTable.ValidatorInvited, Request(rotated)).ShouldBe(RejectionCode.KeyKnown);
    }

    [Fact]
    public void An_invitation_and_replaced_keys_can_be_withdrawn_a_seat_cannot()
    {
        var bodies = Invite("a", "b", "c", "d");
        Change(bodies).ShouldBeNull();
        Finding();
        Control(EventTable.ValidatorWithdrawn, new() { ["kid"] = bodies[0].Kid, ["reason"] = "x" }).ShouldBe(RejectionCode.ValidatorUnknown);
        var rotated = Invite("a")[0];
        Change([rotated, .. bodies[1..]]).ShouldBeNull();
        Control(EventTable.ValidatorWithdrawn, new() { ["kid"] = bodies[0].Kid, ["reason"] = "stolen" }).ShouldBeNull();
        State(bodies[0]).ShouldBe(SeatState.Gone);
        Control(EventTable.ValidatorWithdrawn, new() { ["kid"] = bodies[0].Kid, ["reason"] = "x" }).ShouldBe(RejectionCode.ValidatorUnknown);
    }

    [Fact]
    public void Of_one_body_only_the_newest_invitation_counts_and_no_more_wait_than_there_are_seats()
    {
        var (older, newer) = (Invite("a")[0], Invite("a")[0]);
        (State(older), State(newer)).ShouldBe((SeatState.Gone, SeatState.Invited));
        Invite([.. Enumerable.Range(1, 30).Select(i => $"n{i}")]);
        Control(EventTable.ValidatorInvited, Request(Body("z"))).ShouldBe(RejectionCode.ValidatorLimit);
        Control(EventTable.ValidatorInvited, Request(Body("a"))).ShouldBeNull();
    }

    private sealed record Founder(string Name, IReadOnlyList<SigningKey> Keys)
    {
        public string Kid => Of(KeyPurpose.Consensus).Public.Kid;

        public SigningKey Of(string purpose) => Keys.Single(k => k.Purpose == purpose);

        public Founder With(SigningKey key) => this with { Keys = [.. Keys.Where(k => k.Purpose != key.Purpose), key] };
    }

    private int port = 1000;

    private static Founder Body(string name) => new(name, [.. ValidatorRequest.Purposes.Select(Keys.Generate)]);

    private static string[] Kids(IEnumerable<Founder> bodies) => [.. bodies.Select(b => b.Kid).Order(StringComparer.Ordinal)];

    private SeatState State(Founder body) => chain.State.Registry.Roll.Known[body.Kid].State;

    private Founder[] Invite(params string[] names)
    {
        Founder[] bodies = [.. names.Select(Body)];
        bodies.Select(b => Control(EventTable.ValidatorInvited, Request(b))).ShouldAllBe(code => code == null);
        return bodies;
    }

    private JsonObject Request(Founder body, RulesChain? of = null, LedgerTime? at = null, string? address = null, string? name = null) => new()
    {
        ["request"] = ValidatorRequest.Create(name ?? body.Name, address ?? $"{body.Name}.example:{++port}", (of ?? chain).Genesis.Chain, at ?? RulesChain.Start, [.. body.Keys]),
    };

    private static JsonObject Set(IEnumerable<Founder> bodies, long power = 1) => new()
    {
        ["reason"] = "x", ["members"] = new JsonArray([.. bodies.Select(b => b.Kid).Order(StringComparer.Ordinal).Select(kid => new JsonObject { ["kid"] = kid, ["power"] = power })]),
    };

    private string? Change(Founder[] bodies, long power = 1) => Control(EventTable.ValidatorSetChanged, Set(bodies, power));

    private string? Control(string type, JsonObject data) => chain.Control(type, EventTable.ValidatorStream, data, chain.Operators);

    private string? Finding() => chain.Append(EventTable.FindingRaised, EventTable.FindingStream, "host", []);

    // The i-th of several entries after the head, each signed for the version that it will have.
    private Entry Entry(int i, JsonObject data)
    {
        const string nonce = "AAAAAAAAAAAAAAAAAAAAAA";
        var (version, exp) = (chain.VersionOf(EventTable.ValidatorStream) + i, RulesChain.Start.PlusMs(3_600_000));
        var subject = Authorization.Subject(chain.Genesis.Chain, EventTable.ValidatorStream, EventTable.ValidatorSetChanged, data, version, nonce, exp);
        data["authorization"] = Authorization.Create(nonce, exp, chain.Operators.Select(o => Authorization.Sign(o, subject)));
        return new(chain.State.Head.Size + 1 + i, EventTable.ValidatorStream, version + 1, EventTable.ValidatorSetChanged, RulesChain.Start.PlusMs(50_000),
            chain.Genesis.Operators[0].Pseudonym, Jcs.Bytes(data));
    }
}
