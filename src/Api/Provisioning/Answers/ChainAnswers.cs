using EventLedger.Api.Doors;
using EventLedger.Api.Host;

namespace EventLedger.Api.Provisioning.Answers;

/// <summary>One validator as the public sees it.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Signed">Whether it signed the newest block.</param>
/// <param name="Online">Whether it answers this host now.</param>
/// <param name="Height">Its newest block; null without an answer.</param>
/// <param name="Power">Its votes.</param>
public sealed record ValidatorLine(string Name, bool Signed, bool Online, long? Height, long Power);

/// <summary>Those who keep the chain. Votes decide, not heads: one of them may have more than the others together.</summary>
/// <param name="Lines">Every seated validator.</param>
/// <param name="Votes">All votes.</param>
/// <param name="Needed">How many of them seal a block.</param>
public sealed record ChainKeepers(IReadOnlyList<ValidatorLine> Lines, long Votes, long Needed)
{
    /// <summary>Votes of those who answer now.</summary>
    public long Answering => Lines.Where(v => v.Online).Sum(v => v.Power);

    /// <summary>Whether those who answer could seal.</summary>
    public bool CanSeal => Answering >= Needed;
}

/// <summary>Answers how the chain is, for people: its newest block and who keeps it.</summary>
public sealed class ChainAnswers(LedgerHead head, LedgerSets sets, IS2P processing)
{
    /// <summary>The newest block with its commit.</summary>
    public LedgerHead.Sealed Newest => head.Newest;

    /// <summary>How many validators may fail or lie without harm.</summary>
    public int Tolerates => sets.At(head.Header.Height + 1).Tolerates;

    /// <summary>Every seated validator, asked just now.</summary>
    public async Task<ChainKeepers> Validators(CancellationToken cancellation)
    {
        var set = sets.At(head.Header.Height + 1);
        var signed = head.Newest.Commit?.Signatures.Select(s => s.Kid).ToHashSet(StringComparer.Ordinal) ?? [];
        return new([.. (await processing.Validators(cancellation)).Where(v => v.Seated)
            .Select(v => new ValidatorLine(v.Name, signed.Contains(v.Kid), v.Answers, v.Answers ? v.Height : null, set.Find(v.Kid)?.Power ?? 0))], set.Power, set.Quorum);
    }
}
