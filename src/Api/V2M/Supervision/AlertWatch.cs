using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using Npgsql;

namespace EventLedger.Api.V2M.Supervision;

/// <summary>
/// Holds what is against the rules that supervisors set: what a rule calls for is raised once as an event, and cleared as one when the reason is gone. One host at a
/// time watches.
/// </summary>
public sealed class AlertWatch(Genesis genesis, IEventStore store, LedgerHead head, HostState state, HostKeys keys, NpgsqlDataSource database, SourceScores scores, Acts acts,
    TimeProvider clock, ILogger<AlertWatch> log) : BackgroundService
{
    private const long AlertsMax = 1000, WindowSeconds = 3600, DayMs = 24L * 60 * 60 * 1000;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Look(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.LogWarning(e, "The alert rules could not be looked at.");
            }
        }
    }

    private async Task Look(CancellationToken cancellation)
    {
        var rules = await acts.Rules(cancellation);
        var standing = (await acts.Alerts(long.MaxValue, null, AlertsMax, cancellation)).Where(a => a.Cleared is null).ToList();
        if (rules.Count + standing.Count == 0)
        {
            return;
        }
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var take = new NpgsqlCommand("select pg_try_advisory_xact_lock(hashtextextended('alerts', 4561))", connection);
        if (!(bool)(await take.ExecuteScalarAsync(cancellation))!)
        {
            return;
        }
        // The host that watched before may have raised some of them meanwhile.
        standing = [.. (await acts.Alerts(long.MaxValue, null, AlertsMax, cancellation)).Where(a => a.Cleared is null)];
        var calls = new HashSet<(string Rule, string About)>();
        foreach (var rule in rules)
        {
            foreach (var about in await Calls(rule, cancellation))
            {
                if (calls.Add((rule.Id, about)) && !standing.Exists(a => (a.Rule, a.About) == (rule.Id, about)))
                {
                    await Say(EventTable.AlertRaised, new() { ["rule"] = rule.Id, ["kind"] = rule.Kind, ["about"] = about }, cancellation);
                }
            }
        }
        foreach (var alert in standing.Where(a => !calls.Contains((a.Rule, a.About))))
        {
            await Say(EventTable.AlertCleared, new() { ["alert"] = alert.Seq, ["rule"] = alert.Rule, ["about"] = alert.About }, cancellation);
        }
    }

    private Task<long> Say(string type, JsonObject data, CancellationToken cancellation) =>
        HostWord.Append(store, EventTable.AlertStream, new(type, keys.Host.Name, Jcs.Bytes(data)), cancellation);

    private async Task<IReadOnlyList<string>> Calls(RuleView rule, CancellationToken cancellation)
    {
        var now = LedgerTime.From(clock.GetUtcNow());
        switch (rule.Kind)
        {
            case RuleKind.Silence:
                return [.. (await Cards(rule, now, cancellation)).Where(c => c.State == "active" && c.SilentSeconds >= rule.Threshold).Select(c => c.Source)];
            case RuleKind.RejectRate:
                return [.. (await Cards(rule, now, cancellation)).Where(c => c.Refused + c.Rejected > 0 && c.RejectPerMille >= rule.Threshold).Select(c => c.Source)];
            case RuleKind.Lag:
                return (await store.Head(cancellation)).Seq - head.Header.Size >= Math.Max(1, rule.Threshold) ? [genesis.Chain] : [];
            case RuleKind.Stall:
                return head.Header.Height > 0 && now.UnixMs - head.Header.Time.UnixMs >= rule.Threshold * 1000 ? [genesis.Chain] : [];
            case RuleKind.Evidence:
                return state.Evidence.Count >= Math.Max(1, rule.Threshold) ? [string.Create(CultureInfo.InvariantCulture, $"evidence to entry {state.Evidence[^1]}")] : [];
            default:
                return [.. state.Registry.Keys.Values.Where(k => k.NotAfter is { } end && end > now && end.UnixMs - now.UnixMs <= rule.Threshold * DayMs
                    && (rule.Target is null || rule.Target == k.Owner)).Select(k => k.Jwk.Kid)];
        }
    }

    private async Task<IEnumerable<ScoreCard>> Cards(RuleView rule, LedgerTime now, CancellationToken cancellation)
    {
        var from = now.PlusMs(-Math.Min(now.UnixMs, (rule.WindowSeconds ?? WindowSeconds) * 1000));
        return (await scores.Cards(new Period(from, now.PlusMs(1)), null, cancellation)).Where(c => rule.Target is null || c.Source == rule.Target);
    }
}
