using EventLedger.Api.Doors;
using EventLedger.Api.Host;
using EventLedger.Api.Provisioning.Answers;
using EventLedger.Api.V2M.Tables;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.EventStore.Projections;

namespace EventLedger.Api.V2M;

/// <summary>Supervises the capabilities of the ledger: its entities, validators and services. Source: ITU-T Y.4561 (08/2020) 7.1.5, 7.3.10, 7.3.11.</summary>
public sealed class StatusAnswers(IEventStore store, LedgerHead head, LedgerSets sets, ProjectionDaemon projections, IM2P validators, ServiceWatch services, MonitorTables tables,
    TimeProvider clock)
{
    private const string Ok = "ok", Late = "late", Failed = "failed";
    private const long QueueMax = 8192, LateEntries = 10_000, BlocksCounted = 100;

    /// <summary>All entities.</summary>
    public async Task<Answer<MonitoredStatusView>> Status(CancellationToken cancellation)
    {
        var now = LedgerTime.From(clock.GetUtcNow());
        var (end, header) = (await store.Head(cancellation), head.Header);
        var health = await validators.Health(cancellation);
        return new MonitoredStatusView(now, [Representation(end, header), Processing(header, now, health), Views("provisioning", end, "/v2m/v1/services"),
            Views("controlling", end, "/o2c/v1/controls"), Views(MonitoringProjection.ViewName, end, "/v2m/v1/times")]);
    }

    /// <summary>The validators.</summary>
    public async Task<Answer<ValidatorsView>> Validators(CancellationToken cancellation)
    {
        var header = head.Header;
        var health = await validators.Health(cancellation);
        var commits = await tables.Read("newest_commits", row => (Height: row.GetInt64(0), Commit: Commit.TryParse(row.GetFieldValue<byte[]>(1), out var commit) ? commit : null),
            cancellation, BlocksCounted);
        return new ValidatorsView(header.Height, header.Time, commits.Count, [.. health.Select(v =>
        {
            var had = commits.Where(c => sets.At(c.Height).Find(v.Kid) is not null).ToList();
            var signed = had.Count(c => c.Commit!.Signatures.Any(s => s.Kid == v.Kid));
            return new ValidatorStanding(v, v.Answers ? Math.Max(0, header.Height - v.Height) : null, signed, had.Count - signed);
        })]);
    }

    /// <summary>The services.</summary>
    public async Task<Answer<ServicesView>> Services(CancellationToken cancellation)
    {
        if (services.Newest.Probes.Count == 0)
        {
            await services.Probe(cancellation);
        }
        return new ServicesView(services.Newest.At, services.Newest.Probes, services.Seen);
    }

    private EntityStatus Representation(Head end, BlockHeader header)
    {
        var queue = Math.Max(0, end.Seq - header.Size);
        var (state, reason) = store.ReadOnlyReason is { } closed ? (Failed, closed) : queue > QueueMax ? (Late, $"{queue} entries wait for their seal.") : (Ok, null);
        return new("representation", state, reason, Measures(("queueEntries", queue), ("entries", end.Seq)), "/v2m/v1/sources");
    }

    private EntityStatus Processing(BlockHeader header, LedgerTime now, IReadOnlyList<ValidatorView> health)
    {
        var set = sets.At(header.Height + 1);
        var power = health.Where(v => v is { Answers: true, Observing: false, Seated: true }).Sum(v => set.Find(v.Kid)?.Power ?? 0);
        var ageSeconds = Math.Max(0, (now.UnixMs - header.Time.UnixMs) / 1000);
        var (state, reason) = !set.IsQuorum(power) ? (Failed, $"Validators with {power} of {set.Power} votes answer; {set.Quorum} are needed.")
            : header.Height > 0 && ageSeconds > 2 * MonitorTables.HeartbeatSeconds ? (Late, $"The newest block is {ageSeconds} s old.")
            : (Ok, null);
        return new("processing", state, reason,
            Measures(("height", header.Height), ("size", header.Size), ("blockAgeSeconds", ageSeconds), ("votesAnswering", power), ("votesNeeded", set.Quorum)), "/v2m/v1/validators");
    }

    // What an entity shows comes from its view of the log; where it has none of its own there is nothing that could lag.
    private EntityStatus Views(string name, Head end, string details)
    {
        var lag = projections.States.Where(s => s.Name == name).Select(s => (Entries: end.Seq - s.Seq, s.Error)).FirstOrDefault();
        var (state, reason) = lag.Error is { } error ? (Failed, error) : lag.Entries > LateEntries ? (Late, $"Its view is {lag.Entries} entries behind.") : (Ok, null);
        return new(name, state, reason, Measures(("lagEntries", Math.Max(0, lag.Entries))), details);
    }

    private static Dictionary<string, long> Measures(params ReadOnlySpan<(string Name, long Value)> measures)
    {
        var all = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, value) in measures)
        {
            all.Add(name, value);
        }
        return all;
    }
}
