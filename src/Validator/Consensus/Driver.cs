using System.Collections.Immutable;
using System.Diagnostics;

namespace EventLedger.Validator.Consensus;

/// <summary>
/// One validator's consensus, one height after the other: deterministic, without clock or I/O. <see cref="Votes"/> counts,
/// <see cref="RoundMachine"/> decides, the driver matches proposals with thresholds and offers what it holds again after each step.
/// </summary>
/// <param name="self">Own key id. A node outside of the set follows and decides, but proposes and votes nothing.</param>
/// <param name="head">The last height already sealed; the first <see cref="Input.NewHeight"/> lies above it.</param>
public sealed partial class Driver(string self, long head)
{
    /// <summary>How many past rounds are kept besides those that a lock, a commit or a re-proposal still rests on.</summary>
    public const int PastRoundsMax = 256;

    private readonly Future future = new();
    private readonly HashSet<(int Round, Step Step)> timers = [];
    private readonly List<Output> outputs = [];
    private Validators set = new([new(self, 1)]);
    private ImmutableArray<string> proposers = [self];
    private Votes votes = new(new([new(self, 1)]));
    private Proposals proposals = new();
    private Output.Decide? decided;
    private int? awaitsValue;
    private int pending;

    /// <summary>Where this validator stands.</summary>
    public RoundState State { get; private set; } = new(head, Step: Step.Decided);

    /// <summary>Hears of each rule that is about to be applied: what a trace or a simulation counts.</summary>
    public Action<RoundState, RoundInput>? Applied { get; init; }

    /// <summary>Own key id.</summary>
    public string Self => self;

    /// <summary>The decision of this height; null before it.</summary>
    public Output.Decide? Decision => decided;

    /// <summary>Who left a value that it had precommitted, as far as this height's votes are here.</summary>
    public IEnumerable<Switch> Switches => Consensus.Switches.In(votes);

    /// <summary>Takes one input and says what is to be done, in order.</summary>
    public IReadOnlyList<Output> Handle(Input input)
    {
        outputs.Clear();
        Take(input);
        return [.. outputs];
    }

    /// <summary>Whose turn it is to propose in a round of this height.</summary>
    public string ProposerOf(int round) => proposers[round % proposers.Length];

    private void Take(Input input)
    {
        switch (input)
        {
            case Input.NewHeight n: Begin(n); break;
            case Input.Tick: Repeat(); break;
            case Input.GotVote { Message: var v } when IsLater(v.Height): future.Hold(v.From, v.Height, State.Height, input); break;
            case Input.GotProposal { Message: var p } when IsLater(p.Height): future.Hold(p.From, p.Height, State.Height, input); break;
            case Input.GotVote { Message: var v } when v.Height == State.Height: Count(v, input); break;
            case Input.GotProposal { Message: var p } when p.Height == State.Height: Hold((Input.GotProposal)input); break;
            case Input.Certificate { Votes: { IsDefaultOrEmpty: false } proof } when proof[0].Height == State.Height && IsKept(proof[0].Round):
                Certify(proof, input);
                break;
            case var _ when State.Step == Step.Decided: break;   // Only evidence (above) is of any use once the height is over.
            case Input.Checked c when c.Height == State.Height && proposals.Check(c.Value, c.IsValid ? Verdict.Valid : Verdict.Invalid):
                Log(input);
                break;
            case Input.Committed { Precommits: { IsDefaultOrEmpty: false } proof } when proof[0].Height == State.Height: Commit(proof, input); break;
            case Input.ValueReady v when (v.Height, v.Round, State.Step) == (State.Height, awaitsValue, Step.Propose) && v.Round == State.Round:
                awaitsValue = null;
                outputs.Add(new Output.Persist(input));
                Run(new RoundInput.OwnValue(v.Value));
                break;
            case Input.Timeout t: Fire(t, input); break;
            default: break;
        }
    }

    private bool IsLater(long height) => height > State.Height;

    // Message of a round: a number at the end of the range would overflow the next one, and a forgotten round stays forgotten unless needed.
    private bool IsKept(int round) => round is >= 0 and < int.MaxValue && (round >= State.Round - PastRoundsMax || IsNeeded(round));

    private bool IsNeeded(int round) => State.Valid?.Round == round || State.Locked?.Round == round
        || votes.Commits.Any(c => c.Round == round) || proposals.Of(State.Round).Any(p => p.Message.ValidRound == round);

    private void Begin(Input.NewHeight n)
    {
        if (n.Height <= State.Height)
        {
            throw new ArgumentException($"Height {n.Height} begins after {State.Height}.", nameof(n));
        }
        (set, proposers) = (n.Set, n.ProposerOrder);
        (votes, proposals, decided, awaitsValue) = (new(set), new(), null, null);
        timers.Clear();
        State = new(n.Height);
        var held = future.Take(n.Height);
        Apply(new RoundInput.NewRound(0, IsProposer(0)));
        foreach (var input in held)
        {
            Take(input);
        }
    }

    // From here to the end of a case the order is fixed: first the log, then the rules, so that replay of the log gives the same effects.
    private void Log(Input input)
    {
        outputs.Add(new Output.Persist(input));
        Advance();
    }

    private void Count(Vote vote, Input input)
    {
        if (!IsKept(vote.Round))
        {
            return;
        }
        if (IsNew(vote) && State.Step != Step.Decided)
        {
            Log(input);
        }
    }

    private bool IsNew(Vote vote)
    {
        var counted = votes.Add(vote, State.Round, out var first);
        if (first is not null)
        {
            outputs.Add(new Output.Evidence(first, vote));
        }
        return counted == Counted.Yes;
    }

    private void Hold(Input.GotProposal input)
    {
        var p = input.Message;
        if (!IsKept(p.Round) || p.From != ProposerOf(p.Round) || p.ValidRound < -1 || p.ValidRound >= p.Round)
        {
            return;
        }
        var isWanted = votes.HasQuorum(p.Round, Step.Prevote, p.Value) || votes.HasQuorum(p.Round, Step.Precommit, p.Value);
        var isNew = proposals.Add(new(p, input.Content, input.IsTimely), State.Round, isWanted, out var first);
        if (first is not null)
        {
            outputs.Add(new Output.ProposalEvidence(first, p));
        }
        if (!isNew || State.Step == Step.Decided)
        {
            return;
        }
        outputs.Add(new Output.Persist(input));
        Request(p);
        Advance();
    }

    private void Request(Proposal p)
    {
        if (proposals.Find(p.Round, p.Value)?.Content == Verdict.Unknown)
        {
            outputs.Add(new Output.RequestBatch(p.Height, p.Round, p.Value, p.From));
        }
    }

    private void Certify(ImmutableArray<Vote> proof, Input input)
    {
        if (!votes.IsCertificate(proof))
        {
            return;
        }
        // Each vote counts by itself first: this finds who signed otherwise before.
        var counted = proof.Count(IsNew);
        if (State.Step != Step.Decided && (votes.AddCertificate(proof) || counted > 0))
        {
            Log(input);
        }
    }

    private void Commit(ImmutableArray<Vote> proof, Input input)
    {
        if (proof[0] is not { Step: Step.Precommit, Value: { } value } || !votes.IsCertificate(proof))
        {
            return;
        }
        votes.AddCertificate(proof);
        outputs.Add(new Output.Persist(input));
        Run(new RoundInput.Commit(proof[0].Round, value));
    }

    private void Fire(Input.Timeout t, Input input)
    {
        var fired = new RoundInput.Timeout(t.Height, t.Round, t.Step);
        if (timers.Contains((t.Round, t.Step)) && t.Height == State.Height && RoundMachine.Apply(State, fired).Effects is not [])
        {
            outputs.Add(new Output.Persist(input));
            Run(fired);
        }
    }

    private bool IsProposer(int round) => set.Has(self) && ProposerOf(round) == self;

    private void Run(RoundInput input)
    {
        Apply(input);
        Advance();
    }

    // Every turn either moves (round, step) forward or sets a timer or a valid value for the first time, so the loop ends.
    private void Advance()
    {
        while (Due() is { } input)
        {
            Apply(input);
        }
    }

    private void Apply(RoundInput input)
    {
        Applied?.Invoke(State, input);
        var before = State;
        (State, var effects) = RoundMachine.Apply(before, input);
        if ((State.Round, State.Step).CompareTo((before.Round, before.Step)) < 0 && State.Step != Step.New)
        {
            throw new UnreachableException("A round or step went back.");
        }
        foreach (var effect in effects)
        {
            Perform(effect);
        }
        if (State.Round != before.Round)
        {
            votes.Prune(State.Round - PastRoundsMax, IsNeeded);
            proposals.Prune(State.Round - PastRoundsMax, IsNeeded);
            timers.RemoveWhere(t => t.Round < State.Round);
        }
    }

    private void Perform(RoundEffect effect)
    {
        var (height, round) = (State.Height, State.Round);
        switch (effect)
        {
            case RoundEffect.Vote v when set.Has(self): outputs.Add(new Output.SendVote(height, round, v.Step, v.Value)); break;
            case RoundEffect.Vote: break;
            case RoundEffect.Propose p: outputs.Add(new Output.Propose(height, round, p.Value, p.ValidRound)); break;
            case RoundEffect.GetValue: awaitsValue = round; outputs.Add(new Output.GetValue(height, round)); break;
            case RoundEffect.Timer t:
                if (timers.Add((round, t.Step)))
                {
                    outputs.Add(new Output.SetTimer(height, round, t.Step));
                }
                break;
            case RoundEffect.SkipTo s: pending = s.Round; break;
            case RoundEffect.Decide d:
                var isDisputed = proposals.Find(d.Round, d.Value)?.Content == Verdict.Invalid;
                outputs.Add(decided = new(height, d.Round, d.Value, votes.Proof(d.Round, Step.Precommit, d.Value), isDisputed));
                break;
            default: throw new UnreachableException();
        }
    }

    // The rule to apply next, from what is held; deciding comes first, a later round before work in this one.
    private RoundInput? Due() => State.Step switch
    {
        Step.Decided => null,
        _ when DueCommit() is { } commit => commit,
        Step.New => new RoundInput.NewRound(pending, IsProposer(pending)),
        _ when votes.Skip(State.Round) is { } later => new RoundInput.Skip(later),
        Step.Propose when DueProposal() is { } proposal => proposal,
        Step.Prevote or Step.Precommit when DuePolka() is { } polka => polka,
        Step.Prevote when votes.HasQuorum(State.Round, Step.Prevote, null) => new RoundInput.PolkaNil(),
        Step.Prevote when IsFirst(Step.Prevote) => new RoundInput.PolkaAny(),
        _ when IsFirst(Step.Precommit) => new RoundInput.PrecommitAny(),
        _ => null,
    };

    private bool IsFirst(Step step) => votes.HasQuorumAny(State.Round, step) && !timers.Contains((State.Round, step));

    // L49. A value that this node found invalid and a quorum did not is decided as disputed: never fork, never go on in silence.
    private RoundInput.Commit? DueCommit()
    {
        foreach (var (round, value) in votes.Commits)
        {
            if (proposals.Find(round, value) is { Content: not Verdict.Unknown })
            {
                return new(round, value);
            }
        }
        return null;
    }

    // L22 and L28. Time is asked of fresh proposals only: a re-proposal was timely when it got its polka.
    private RoundInput? DueProposal()
    {
        foreach (var p in proposals.Of(State.Round))
        {
            switch (p.Message.ValidRound)
            {
                case var _ when p.Content == Verdict.Unknown: break;
                case -1: return new RoundInput.Fresh(State.Round, p.Value, p.Content == Verdict.Valid && p.IsTimely);
                case var vr when votes.HasQuorum(vr, Step.Prevote, p.Value): return new RoundInput.Reproposal(p.Value, vr, p.Content == Verdict.Valid);
                default: break;
            }
        }
        return null;
    }

    // L36, only the first time in a round.
    private RoundInput.PolkaValue? DuePolka()
    {
        if (State.Valid?.Round == State.Round)
        {
            return null;
        }
        foreach (var p in proposals.Of(State.Round))
        {
            if (p.Content == Verdict.Valid && votes.HasQuorum(State.Round, Step.Prevote, p.Value))
            {
                return new(p.Value);
            }
        }
        return null;
    }
}
