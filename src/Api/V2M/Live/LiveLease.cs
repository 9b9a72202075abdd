using System.Data.Common;
using EventLedger.Api.Http;
using EventLedger.Api.Identity;
using Microsoft.AspNetCore.SignalR;

namespace EventLedger.Api.V2M.Live;

/// <summary>
/// Whether somebody who follows the feed still may. A request is over before its token is; a stream is not, so it is asked again and again what every request
/// is asked once: whether the token still counts, its session is open and its bearer has the role. Source: OWASP ASVS 5.0 V7.4.
/// </summary>
public sealed class LiveLease(Callers callers)
{
    /// <summary>How long a stream may go on after its ground has gone: 2 s; each look asks the database for the session.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    /// <summary>Passes a stream on for as long as its follower may have it; then ends it and says why.</summary>
    /// <param name="http">The request that opened the connection.</param>
    /// <param name="pages">The stream, which ends when the token that it is given is cancelled.</param>
    /// <param name="cancellation">Ends it for other reasons.</param>
    public async IAsyncEnumerable<LivePage> Hold(HttpContext http, Func<CancellationToken, IAsyncEnumerable<LivePage>> pages,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        if (await Problem(http) is { } problem)
        {
            throw problem;
        }
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var end = new Ending();
        var watching = Watch(http, end, over);
        try
        {
            await using var stream = pages(over.Token).GetAsyncEnumerator(over.Token);
            while (await Next(stream, end))
            {
                yield return stream.Current;
            }
        }
        finally
        {
            await over.CancelAsync();
            await watching;
        }
    }

    // What the follower is told when the feed is not theirs any more; null while it is.
    private async Task<HubException?> Problem(HttpContext http)
    {
        try
        {
            var (caller, problem) = await callers.Still(http);
            return caller is null ? new($"token-invalid: {problem} Connect again with a new token and go on from the last position.")
                : !Policy.Supervisor.Roles.Any(caller.Is) || !caller.Scopes.Contains(Scope.V2mRead) ? new("role-missing: the bearer of this token supervises no longer.")
                : null;
        }
        catch (DbException)
        {
            return new("database-unavailable: nobody can tell at present whether the session is open; go on from the last position in a moment.");
        }
    }

    private async Task Watch(HttpContext http, Ending end, CancellationTokenSource over)
    {
        using var timer = new PeriodicTimer(LookEvery);
        try
        {
            while (end.Why is null && await timer.WaitForNextTickAsync(over.Token))
            {
                end.Why = await Problem(http);
            }
        }
        catch (OperationCanceledException)
        {
            // The stream ended by itself, or its follower went away.
        }
        await over.CancelAsync();
    }

    // The follower hears why it ended, not that something was cancelled.
    private static async Task<bool> Next(IAsyncEnumerator<LivePage> stream, Ending end)
    {
        try
        {
            return await stream.MoveNextAsync();
        }
        catch (OperationCanceledException) when (end.Why is { } why)
        {
            throw why;
        }
    }

    private sealed class Ending
    {
        public HubException? Why { get; set; }
    }
}
