using System.Diagnostics;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using Step = EventLedger.Validator.Consensus.Step;

namespace EventLedger.Validator.Node;

/// <summary>What validators signed against the rules: made into evidence that stands on its own, and handed to whoever keeps it.</summary>
public sealed partial class Node
{
    /// <summary>Raised within the loop, or at the start by what the log shows, before anything else is done: for misbehaviour, and for a change of mind that its prevotes justify, should somebody accuse of it.</summary>
    public event Action<Evidence>? Misbehaved;

    private static SignedStatement Statement(Vote v) => new(v.Step == Step.Precommit ? "precommit" : "prevote", v.Round, null, v.Value, B64.Encode(v.Signature));

    private static SignedStatement Statement(Proposal p) => new("propose", p.Round, p.ValidRound, p.Value, B64.Encode(p.Signature));

    // A member that signs twice in ever higher rounds has been found out long before it ends, and must not fill the log of each validator.
    private const int AccusedMax = 16;
    private readonly Dictionary<string, int> accused = [];

    private void Accuse(Output output)
    {
        switch (output)
        {
            case Output.Evidence e: Accuse(e.First.From, e.First.Height, Statement(e.First), Statement(e.Second)); break;
            case Output.ProposalEvidence e: Accuse(e.First.From, e.First.Height, Statement(e.First), Statement(e.Second)); break;
            default: throw new UnreachableException();
        }
    }

    // Two proposals of one block that rest on different rounds contradict each other in nothing that a block depends on: they are no evidence.
    private void Accuse(string kid, long height, SignedStatement one, SignedStatement other)
    {
        if (accused.GetValueOrDefault(kid) < AccusedMax && Evidence.Of(genesis.Chain, kid, height, one, other) is { } evidence)
        {
            accused[kid] = accused.GetValueOrDefault(kid) + 1;
            log.LogError("Validator {Kid} signed two different {Step} statements in height {Height}, round {Round}", kid, one.Step, height, one.Round);
            Misbehaved?.Invoke(evidence);
        }
    }

    private void AccuseOfAmnesia(long height)
    {
        foreach (var (precommit, later, polka) in driver.State.Height == height ? driver.Switches : [])
        {
            if (polka.Length == 0)
            {
                log.LogError("Validator {Kid} precommitted in height {Height}, round {Round}, and voted for another block in round {Later}; no prevotes that allow it are here",
                    precommit.From, height, precommit.Round, later.Round);
            }
            var answer = polka.Length == 0 ? null : new EvidenceAnswer(polka[0].Round, [.. polka.Select(v => new KidSignature(v.From, B64.Encode(v.Signature)))]);
            Misbehaved?.Invoke(new(genesis.Chain, EvidenceKind.Amnesia, precommit.From, height, Statement(precommit), Statement(later), answer));
        }
    }

    // Sealed here, and the next height has not begun: what comes late can still show who signed twice.
    private bool IsJustOver(long height) => height == chain.Head.Height && height == driver.State.Height;

    private void HearLate(string peer, Proposal p)
    {
        var saying = new Heard.Saying(p.Height, p.Round, Step.Propose, p.Value);
        if (!heard.Has(p.From, saying) && IsSigned(peer, p))
        {
            heard.Add(p.From, saying, p.Signature);
            Feed(new Input.GotProposal(p, Consensus.Verdict.Unknown));
        }
    }
}
