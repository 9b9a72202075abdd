namespace EventLedger.Validator.Network;

/// <summary>What one peer may spend: so much per second, and so much at once after a pause. Not for several threads.</summary>
/// <param name="perSecond">What comes back in a second.</param>
/// <param name="burst">The most that is saved up.</param>
public sealed class Budget(long perSecond, long burst)
{
    // In thousandths, so that every millisecond gives something back.
    private long level = burst * 1000, at;

    /// <summary>What is left at a time in ms; below zero while it is in debt.</summary>
    public long Left(long nowMs)
    {
        Refill(nowMs);
        return level / 1000;
    }

    /// <summary>Spends, into debt if need be; returns the ms until the debt is paid, 0 when there is none.</summary>
    public long Spend(long amount, long nowMs)
    {
        Refill(nowMs);
        level = Math.Max(level - (amount * 1000), -burst * 1000);
        return DebtMs(0, nowMs);
    }

    /// <summary>Spends if there is enough; false, and nothing is spent, if not.</summary>
    public bool TrySpend(long amount, long nowMs)
    {
        Refill(nowMs);
        if (level < amount * 1000)
        {
            return false;
        }
        level -= amount * 1000;
        return true;
    }

    /// <summary>The ms until at least this much is there; 0 when it is.</summary>
    public long DebtMs(long floor, long nowMs)
    {
        Refill(nowMs);
        var missing = (floor * 1000) - level;
        return missing <= 0 ? 0 : (missing + perSecond - 1) / perSecond;
    }

    private void Refill(long nowMs)
    {
        if (nowMs > at)
        {
            // Longer than it takes to fill up changes nothing, and keeps the product in range.
            level = Math.Min(burst * 1000, level + (Math.Min(nowMs - at, (2 * burst * 1000 / perSecond) + 1) * perSecond));
            at = nowMs;
        }
    }
}
