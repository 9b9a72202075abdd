using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Node;
using EventLedger.Validator.Storage;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>
/// The operators, who change the validator set while the storm blows: they invite a machine and admit it, take note of a machine's new keys, and let one go, each
/// by an entry that both sign. They bring about no set in which those who are faulty when they ask have a third of the power.
/// </summary>
internal sealed class SimMembers(Simulation sim)
{
    private const long LifeMs = 12 * 3_600_000;
    private readonly List<long> written = [];
    private readonly Dictionary<int, int> turns = [];
    private readonly List<ValidatorSet> sets = [sim.Keys.Genesis.Set];
    private ValidatorSet newest = sim.Keys.Genesis.Set;
    private SimSeat? invited;
    private (long Seq, SimSeat? Seat, ValidatorSet? Set)? open;
    private long notBeforeUs = sim.Dice.Between(2_000_000, 40_000_000);
    private long notBelow;

    /// <summary>Every set that was or may come into force.</summary>
    public IReadOnlyList<ValidatorSet> Sets => sets;

    /// <summary>How many entries before this place are the operators'.</summary>
    public int WrittenBefore(long seq) => written.Count(s => s < seq);

    /// <summary>What they want sealed in this place; null while they want nothing.</summary>
    public Entry? Next(long seq, LedgerTime time)
    {
        if (sim.Network.IsHealed || open is not null || sim.NowUs < notBeforeUs || sim.Checker.Height < notBelow)
        {
            return null;
        }
        var wish = invited is { } seat ? Admit(seat) : sim.Dice.Below(3) switch { 0 => Invite(), 1 => Rotate(), _ => LetGo() };
        invited = null;
        if (wish is not var (type, data, newcomer, set))
        {
            notBeforeUs = sim.NowUs + 5_000_000;
            return null;
        }
        open = (seq, newcomer, set);
        if (set is not null)
        {
            sets.Add(set);
        }
        var (nonce, exp) = (B64.Encode(Digest.Of($"nonce {seq}").ToArray()), time.PlusMs(LifeMs));
        var subject = Authorization.Subject(sim.Keys.Genesis.Chain, EventTable.ValidatorStream, type, data, written.Count, nonce, exp);
        data["authorization"] = Authorization.Create(nonce, exp, sim.Keys.Operators.Select(o => SimKeys.Authorize(o, subject)));
        written.Add(seq);
        return new(seq, EventTable.ValidatorStream, written.Count, type, time, sim.Keys.Genesis.Operators[0].Pseudonym, Jcs.Bytes(data));
    }

    /// <summary>A block is sealed for the first time; tells the set that it asks for, null for none.</summary>
    public ValidatorSet? Sealed(StoredBlock block)
    {
        if (open is not var (seq, seat, set) || seq > block.Size)
        {
            return null;
        }
        open = null;
        foreach (var rejected in Chain.ReadRejected(block.Rejected).Where(r => r.Seq == seq))
        {
            sim.Tally.Count($"change refused: {rejected.Code}");
            sets.Remove(set!);
            return null;
        }
        notBeforeUs = sim.NowUs + sim.Dice.Between(0, 40_000_000);
        if (set is null)
        {
            invited = seat;
            return null;
        }
        // Now and then too early: then it has to be refused.
        notBelow = sim.Dice.Chance(900) ? block.Height + 1 : 0;
        return newest = set;
    }

    private Wish? Invite()
    {
        var now = sim.Checker.SetAt(sim.Checker.Height + 1);
        var free = sim.Nodes.Where(n => !n.IsIn(newest) && !n.IsIn(now)).ToList();
        if (free.Count == 0)
        {
            return null;
        }
        var node = sim.Dice.Of(free);
        var seat = Fresh(node.Index);
        sim.Install(node, seat);
        return Invitation(seat);
    }

    private Wish? Rotate()
    {
        var node = sim.Nodes[sim.IndexOf(sim.Dice.Of(newest.Members).Kid)!.Value];
        var seat = Fresh(node.Index);
        node.Receive(seat);
        return Invitation(seat);
    }

    private Wish? LetGo() => Change(Without(sim.Dice.Of(newest.Members).Kid), null);

    // Of a machine that has a seat it takes the place of its key before; for another one somebody may go at once, and has to where all seats are taken.
    private Wish? Admit(SimSeat seat)
    {
        var before = newest.Members.FirstOrDefault(m => sim.IndexOf(m.Kid) == seat.Machine);
        var power = before?.Power ?? (sim.Plan.IsSkewed ? sim.Dice.Between(1, 3) : 1);
        var gone = before ?? (newest.Members.Count == ValidatorSet.MembersMax || sim.Dice.Chance(200) ? sim.Dice.Of(newest.Members) : null);
        return Change([.. Without(gone?.Kid), seat.Validator.Member with { Power = power }], seat);
    }

    private Wish Invitation(SimSeat seat) =>
        new(EventTable.ValidatorInvited, new() { ["request"] = SimKeys.Request(seat, sim.Keys.Genesis) }, seat, null);

    private Wish? Change(List<Member> members, SimSeat? seat)
    {
        if (members.Count < ValidatorSet.MembersMin || new ValidatorSet(members) is not { } set || !sim.IsBorne(set)
            || !Simulation.HoldsAll([.. sim.Nodes.Where(n => n.IsIn(set))]))
        {
            return null;
        }
        var seats = new JsonArray([.. set.Members.Select(m => new JsonObject { ["kid"] = m.Kid, ["power"] = m.Power })]);
        return new(EventTable.ValidatorSetChanged, new() { ["reason"] = "simulated", ["members"] = seats }, seat, set);
    }

    private List<Member> Without(string? kid) => [.. newest.Members.Where(m => m.Kid != kid)];

    private SimSeat Fresh(int machine)
    {
        turns[machine] = turns.GetValueOrDefault(machine) + 1;
        var seat = sim.Keys.Seat(machine, turns[machine]);
        sim.Register(seat);
        return seat;
    }

    private sealed record Wish(string Type, JsonObject Data, SimSeat? Newcomer, ValidatorSet? Set);
}
