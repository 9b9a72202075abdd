namespace EventLedger.EventStore;

/// <summary>What became of one <see cref="Append"/>.</summary>
public abstract record AppendResult
{
    private AppendResult()
    {
    }

    /// <summary>Committed to disk: the entries as they will be sealed.</summary>
    public sealed record Appended(IReadOnlyList<StoredEntry> Entries) : AppendResult
    {
        /// <summary>Place of the first entry.</summary>
        public long FirstSeq => Entries[0].Entry.Seq;

        /// <summary>Place of the last entry.</summary>
        public long LastSeq => Entries[^1].Entry.Seq;
    }

    /// <summary>Another writer came first: the stream stands at <paramref name="Actual"/>. Nothing was written.</summary>
    public sealed record VersionConflict(long Actual) : AppendResult;

    /// <summary>The key is held by the entry at <paramref name="Seq"/>. Nothing was written. Told before any version conflict.</summary>
    public sealed record UniqueTaken(UniqueKey Key, long Seq) : AppendResult;

    /// <summary>The store takes no entries at present. Nothing was written.</summary>
    public sealed record ReadOnly(string Reason) : AppendResult;
}
