using Npgsql;

namespace EventLedger.EventStore.Projections;

/// <summary>
/// A view of the log in tables of its own. It sees every valid entry once and in order, and what it writes is committed together with
/// how far it came. Its tables stand in the schema <c>view_{Name}</c>; queries name them with it.
/// </summary>
public abstract class Projection
{
    /// <summary>Lower case, digits and underscores; part of table and progress names, so never changed.</summary>
    public abstract string Name { get; }

    /// <summary>Raised whenever tables or meaning change: the view is then built anew beside the old one, which is served meanwhile.</summary>
    public virtual int Version => 1;

    /// <summary>The statements that create its tables, names without a schema.</summary>
    public abstract string Tables { get; }

    /// <summary>The schema in which queries find the tables.</summary>
    public string Schema => $"view_{Name}";

    /// <summary>Folds the next entries in, in order. Names tables without a schema and reads no clock, so that a rebuild gives the same rows.</summary>
    /// <remarks>What it throws stops the projection, visibly: an entry is never stepped over because it could not be understood.</remarks>
    public abstract Task Apply(
        NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<StoredEntry> entries, CancellationToken cancellation);
}

/// <summary>How a projection is doing.</summary>
/// <param name="Name">Which.</param>
/// <param name="Seq">The last entry it has seen.</param>
/// <param name="IsRebuilding">Whether a new build is catching up beside it.</param>
/// <param name="Error">Why it stopped; null while it runs.</param>
public sealed record ProjectionState(string Name, long Seq, bool IsRebuilding, string? Error);
