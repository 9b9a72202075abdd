using System.Net;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Api.V2M.Live;

namespace EventLedger.Web.Staff.Watch;

/// <summary>
/// Whether the person still may watch. A page that stays open is asked again and again what every request is asked once, as the hub does with its streams: with the
/// session or the role goes the feed.
/// </summary>
public sealed class LiveGuard(StaffLedger ledger, TimeProvider clock)
{
    // The smallest thing that only supervisors may ask.
    private const string Question = "/v2m/v1/streams/alerts";

    private long? asked;

    /// <summary>Why the feed ended; null while it may go on.</summary>
    public Problem? Refused { get; private set; }

    /// <summary>Whether it may go on; asks every two seconds at most.</summary>
    /// <param name="now">Asks in any case.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task<bool> Holds(bool now, CancellationToken cancellation)
    {
        if (now || asked is not { } last || clock.GetElapsedTime(last) >= LiveLease.LookEvery)
        {
            asked = clock.GetTimestamp();
            var reply = await ledger.Get(Question, cancellation);
            // A database that is away for a moment refuses nobody; the feed has nothing to show then by itself.
            Refused = reply.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? reply.Problem : null;
        }
        return Refused is null;
    }
}
