namespace EventLedger.EventStore.Postgres;

/// <summary>What the database did with a group.</summary>
internal abstract record Written
{
    private Written()
    {
    }

    /// <summary>All of it is committed.</summary>
    public sealed record Whole : Written;

    /// <summary>Nothing: the log ends elsewhere.</summary>
    public sealed record HeadMoved(Head Actual) : Written;

    /// <summary>Nothing: these streams stand elsewhere, these keys are held (number in the group, and what is).</summary>
    public sealed record Conflicts(IReadOnlyList<(int No, long Actual)> Streams, IReadOnlyList<(int No, long Holder)> Uniques) : Written;

    /// <summary>Unknown whether it was written before the connection broke, and appends are refused by now.</summary>
    public sealed record Refused(string Reason) : Written;
}
