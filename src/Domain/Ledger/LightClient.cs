using System.Collections.Immutable;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>What one step of a light client says about a block.</summary>
public enum LightVerdict
{
    /// <summary>The block is as trustworthy as the head it was checked from.</summary>
    Success,
    /// <summary>Nothing is wrong with it, but too few of the trusted validators signed: try a block in between.</summary>
    NotEnoughTrust,
    /// <summary>It proves nothing: expired trust, a broken rule, or a commit that is none.</summary>
    Invalid,
}

/// <summary>How long trust lasts.</summary>
/// <param name="TrustingPeriodMs">Milliseconds after a trusted header's time in which its validators can still be held to account.</param>
/// <param name="ClockDriftMs">By how many milliseconds a header may lie ahead of the own clock; 0 for none.</param>
public sealed record LightOptions(long TrustingPeriodMs, long ClockDriftMs = 0);

/// <summary>A header that is trusted, with the validators that it names for the next height; null when they are not known.</summary>
public sealed record TrustedHead(BlockHeader Header, ValidatorSet? Next);

/// <summary>A block as a light client gets it: no entries, but who signed and who signs next. An empty set is null.</summary>
public sealed record LightBlock(BlockHeader Header, Commit Commit, ValidatorSet? Set, ValidatorSet? Next);

/// <summary>Where a bisection ended.</summary>
/// <param name="Verdict">Success when the wanted height is reached.</param>
/// <param name="Head">The last head that was verified.</param>
/// <param name="Heights">The heights that were verified one from the other, ascending.</param>
public sealed record LightPath(LightVerdict Verdict, TrustedHead Head, ImmutableArray<long> Heights);

/// <summary>
/// Follows the chain by headers and commits alone, skipping what it can. For an online client only: a proof bundle uses none of its skipping.
/// Source: the light client specification of CometBFT (skipping verification), with this ledger's formats.
/// </summary>
public static class LightClient
{
    /// <summary>Checks one block from a trusted head. The trusted head moves only when this says Success.</summary>
    public static LightVerdict Verify(TrustedHead trusted, LightBlock block, LightOptions options, LedgerTime now)
    {
        var (old, header) = (trusted.Header, block.Header);
        var isExpired = now >= old.Time.PlusMs(options.TrustingPeriodMs);
        var isFromFuture = header.Time >= now.PlusMs(options.ClockDriftMs);
        var goesOn = header.Chain == old.Chain && header.Height > old.Height && header.Time > old.Time;
        if (isExpired || isFromFuture || !goesOn || !IsWhole(block))
        {
            return LightVerdict.Invalid;
        }
        // The next height's validators are known by their hash; beyond it only an overlap of more than a third holds an honest signer.
        var isNext = header.Height == old.Height + 1;
        if (isNext && header.Validators != old.NextValidators)
        {
            return LightVerdict.Invalid;
        }
        return block.Commit.Problem(header.Chain, block.Set!) switch
        {
            VerdictCode.Commit => LightVerdict.Invalid,
            _ when !isNext && !IsTrusted(trusted.Next, block.Commit) => LightVerdict.NotEnoughTrust,
            null => LightVerdict.Success,
            _ => LightVerdict.Invalid,
        };
    }

    /// <summary>Goes from a trusted head to a height in as few steps as trust allows, halving the distance where it does not.</summary>
    /// <param name="trusted">Where to begin.</param>
    /// <param name="height">Where to go, above the trusted height.</param>
    /// <param name="blockAt">The block of a height, or null when the provider has none.</param>
    /// <param name="options">How long trust lasts.</param>
    /// <param name="now">The own clock.</param>
    public static LightPath Bisect(TrustedHead trusted, long height, Func<long, LightBlock?> blockAt, LightOptions options, LedgerTime now)
    {
        var heights = ImmutableArray.CreateBuilder<long>();
        var next = height;
        while (trusted.Header.Height < height)
        {
            // A provider that answers with another height would make the halving endless.
            var block = blockAt(next) is { } found && found.Header.Height == next ? found : null;
            var verdict = block is null ? LightVerdict.NotEnoughTrust : Verify(trusted, block, options, now);
            if (verdict == LightVerdict.Invalid || block is null)
            {
                return new(verdict, trusted, heights.ToImmutable());
            }
            if (verdict == LightVerdict.NotEnoughTrust)
            {
                next = trusted.Header.Height + (next - trusted.Header.Height) / 2;
                continue;
            }
            heights.Add(next);
            (trusted, next) = (new(block.Header, block.Next), height);
        }
        return new(LightVerdict.Success, trusted, heights.ToImmutable());
    }

    /// <summary>
    /// Whether a witness, asked for the same way from the same head, proves another block at that height: then more than a third of the validators
    /// lied to somebody, and nobody can say here to whom. A witness that proves nothing is no witness.
    /// </summary>
    /// <param name="trusted">Where the path began.</param>
    /// <param name="path">What the own provider proved.</param>
    /// <param name="witnessAt">The witness's block of a height, or null.</param>
    /// <param name="options">How long trust lasts.</param>
    /// <param name="now">The own clock.</param>
    public static bool IsContradicted(TrustedHead trusted, LightPath path, Func<long, LightBlock?> witnessAt, LightOptions options, LedgerTime now) =>
        Bisect(trusted, path.Head.Header.Height, witnessAt, options, now) is { Verdict: LightVerdict.Success } other
        && other.Head.Header.Hash != path.Head.Header.Hash;

    private static bool IsWhole(LightBlock block) =>
        block.Set is { } set && set.Hash == block.Header.Validators
        && (block.Next is null || block.Next.Hash == block.Header.NextValidators)
        && (block.Commit.Height, block.Commit.Block) == (block.Header.Height, block.Header.Hash);

    private static bool IsTrusted(ValidatorSet? next, Commit commit) =>
        next is not null && 3 * commit.Signatures.Sum(s => next.Find(s.Kid)?.Power ?? 0) > next.Power;
}
