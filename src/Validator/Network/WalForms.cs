using System.Diagnostics;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network.Wire;

namespace EventLedger.Validator.Network;

/// <summary>The core's inputs and intents as the write-ahead log holds them, and back.</summary>
public static class WalForms
{
    /// <summary>Writes an input.</summary>
    public static WalRecord Write(Input input) => input switch
    {
        Input.NewHeight i => new() { NewHeight = new() { Height = i.Height } },
        Input.GotProposal i => new() { Proposal = new() { Message = WireForms.Write(i.Message, default), Verdict = (int)i.Content, Timely = i.IsTimely } },
        Input.GotVote i => new() { Vote = WireForms.Write(i.Message) },
        Input.Certificate i => new() { Certificate = Write(i.Votes) },
        Input.Committed i => new() { Certificate = Write(i.Precommits) },
        Input.Timeout i => new() { Timeout = new() { Height = i.Height, Round = i.Round, Step = (int)i.Step } },
        Input.Checked i => new() { Checked = new() { Height = i.Height, Value = WireForms.Bytes(i.Value), Valid = i.IsValid } },
        Input.ValueReady i => new() { ValueReady = new() { Height = i.Height, Round = i.Round, Value = WireForms.Bytes(i.Value) } },
        _ => throw new UnreachableException(),
    };

    /// <summary>Writes what is about to be signed.</summary>
    public static WalRecord Write(SignGuard intent) => new()
    {
        Intent = new() { Height = intent.Height, Round = intent.Round, Step = (int)intent.Step, Value = WireForms.Bytes(intent.Value) },
    };

    /// <summary>Reads an input again; null for a record that is none, or that the core takes in another form.</summary>
    public static Input? Read(WalRecord record) => record.BodyCase switch
    {
        WalRecord.BodyOneofCase.Proposal when record.Proposal.Message is { } wire && WireForms.TryRead(wire, out var p) => new Input.GotProposal(p, (Verdict)record.Proposal.Verdict, record.Proposal.Timely),
        WalRecord.BodyOneofCase.Vote when WireForms.TryRead(record.Vote, out var v) => new Input.GotVote(v),
        WalRecord.BodyOneofCase.Certificate => new Input.Certificate([.. Read(record.Certificate)]),
        WalRecord.BodyOneofCase.Timeout => new Input.Timeout(record.Timeout.Height, record.Timeout.Round, (Step)record.Timeout.Step),
        WalRecord.BodyOneofCase.Checked when WireForms.TryValue(record.Checked.Value, out var v) && v is { } value => new Input.Checked(record.Checked.Height, value, record.Checked.Valid),
        WalRecord.BodyOneofCase.ValueReady when WireForms.TryValue(record.ValueReady.Value, out var v) && v is { } value => new Input.ValueReady(record.ValueReady.Height, record.ValueReady.Round, value),
        _ => null,
    };

    /// <summary>Reads an intent again.</summary>
    public static SignGuard Read(WalIntent intent) =>
        new(intent.Height, intent.Round, (Step)intent.Step, WireForms.TryValue(intent.Value, out var value) ? value : null);

    /// <summary>The height that a record speaks of; 0 for content, which names its own.</summary>
    public static long HeightOf(WalRecord record) => record.BodyCase switch
    {
        WalRecord.BodyOneofCase.NewHeight => record.NewHeight.Height,
        WalRecord.BodyOneofCase.Proposal => record.Proposal.Message?.Height ?? 0,
        WalRecord.BodyOneofCase.Vote => record.Vote.Height,
        WalRecord.BodyOneofCase.Certificate => record.Certificate.Votes is [var vote, ..] ? vote.Height : 0,
        WalRecord.BodyOneofCase.Timeout => record.Timeout.Height,
        WalRecord.BodyOneofCase.Checked => record.Checked.Height,
        WalRecord.BodyOneofCase.ValueReady => record.ValueReady.Height,
        WalRecord.BodyOneofCase.Intent => record.Intent.Height,
        _ => 0,
    };

    private static Certificate Write(IEnumerable<Vote> votes) => new() { Votes = { votes.Select(WireForms.Write) } };

    private static IEnumerable<Vote> Read(Certificate certificate)
    {
        foreach (var wire in certificate.Votes)
        {
            if (WireForms.TryRead(wire, out var vote))
            {
                yield return vote;
            }
        }
    }
}
