using System.Text.RegularExpressions;
using Npgsql;

namespace EventLedger.EventStore.Projections;

/// <summary>Keeps projections up with the log: one loop each, on as many hosts as there are; the database sees to it that one at a time works.</summary>
public sealed partial class ProjectionDaemon : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly Dictionary<string, Runner> runners = [];

    /// <summary>Starts all of them.</summary>
    public ProjectionDaemon(IEventStore store, NpgsqlDataSource database, IEnumerable<Projection> projections, TimeProvider clock)
    {
        foreach (var projection in projections)
        {
            if (!ValidName().IsMatch(projection.Name))
            {
                throw new ArgumentException($"'{projection.Name}' is no name for a projection.", nameof(projections));
            }
            runners.Add(projection.Name, new(projection, store, database, clock, stop.Token));
        }
    }

    /// <summary>How each projection is doing; a health check shows those with an error.</summary>
    public IReadOnlyList<ProjectionState> States => [.. runners.Values.Select(r => r.State)];

    /// <summary>Waits until a projection has seen an entry; false when the time is over first.</summary>
    public Task<bool> WaitFor(string projection, long seq, TimeSpan timeout, CancellationToken cancellation)
    {
        runners[projection].Wanted.Advance(seq);
        return runners[projection].Seen.Reach(seq, timeout, cancellation);
    }

    /// <summary>Waits until all projections have seen an entry; false when the time is over first.</summary>
    public async Task<bool> WaitFor(long seq, TimeSpan timeout, CancellationToken cancellation) =>
        (await Task.WhenAll(runners.Keys.Select(name => WaitFor(name, seq, timeout, cancellation)))).All(seen => seen);

    /// <summary>Builds a projection anew beside the present tables, which are served until the new ones have caught up.</summary>
    public Task Rebuild(string projection, CancellationToken cancellation) => runners[projection].Rebuild(cancellation);

    /// <summary>Stops after the batch at hand.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(runners.Values.Select(r => r.Loop));
        stop.Dispose();
    }

    [GeneratedRegex("^[a-z][a-z0-9_]{0,40}$")]
    private static partial Regex ValidName();
}
