namespace EventLedger.EventStore;

/// <summary>Asks the store to add events to the end of one stream, all or none.</summary>
/// <param name="Stream">The stream's id.</param>
/// <param name="ExpectedVersion">Version of the stream that the decision was made on; 0 for a stream that must not exist yet.</param>
/// <param name="Events">At least one.</param>
/// <param name="Uniques">What no valid entry before may hold; held from now on by the first of the events.</param>
public sealed record Append(string Stream, long ExpectedVersion, IReadOnlyList<NewEvent> Events, IReadOnlyList<UniqueKey> Uniques)
{
    /// <summary>One event that claims nothing unique.</summary>
    public Append(string stream, long expectedVersion, NewEvent @event)
        : this(stream, expectedVersion, [@event], [])
    {
    }
}

/// <summary>One event before it has a place in the ledger.</summary>
/// <param name="Type">Name from the closed event table, snake case.</param>
/// <param name="Actor">The source's URI or a pseudonym.</param>
/// <param name="Data">A JSON object in canonical form; the store relies on it.</param>
/// <param name="Sidecar">The encrypted disclosures, or nothing.</param>
public sealed record NewEvent(string Type, string Actor, ReadOnlyMemory<byte> Data, ReadOnlyMemory<byte> Sidecar = default);
