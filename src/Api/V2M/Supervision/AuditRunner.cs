using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Api.V2M.Tables;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Domain.Monitoring;
using EventLedger.EventStore;
using Npgsql;
using NpgsqlTypes;

namespace EventLedger.Api.V2M.Supervision;

/// <summary>
/// Works off the audits that supervisors ordered, one after the other, on one host at a time. Its progress stands in a table, so that a restarted host goes on where
/// the last one stopped; an audit that was closed meanwhile ends. What does not hold becomes a finding.
/// </summary>
public sealed class AuditRunner(Genesis genesis, IEventStore store, LedgerHead head, HostKeys keys, NpgsqlDataSource database, MonitorTables tables, Acts acts, AuditCheck check,
    ILogger<AuditRunner> log) : BackgroundService
{
    private const int PageMax = 256;

    /// <summary>The finding's kind.</summary>
    public const string FindingKind = "audit-failed";

    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(1), RetryAfter = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // An order counts once it is sealed, and a seed is the hash of a block: nothing new can begin before the next one.
                var height = head.Header.Height;
                if (!await WorkOff(stoppingToken))
                {
                    await head.WaitHeight(height + 1, Idle, stoppingToken);
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                log.LogWarning(e, "Audits wait.");
                await Task.Delay(RetryAfter, stoppingToken);
            }
        }
    }

    private async Task<bool> WorkOff(CancellationToken cancellation)
    {
        var did = false;
        foreach (var audit in (await acts.Audits(null, cancellation)).Where(a => a.State is "waiting" or "running").Reverse())
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            // The lock ends with the transaction, and so with this host at the latest.
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await using var take = new NpgsqlCommand("select pg_try_advisory_xact_lock(hashtextextended('audit ' || $1, 4561))", connection);
            take.Parameters.Add(new() { Value = audit.Id });
            if ((bool)(await take.ExecuteScalarAsync(cancellation))!)
            {
                did |= await Run(audit, cancellation);
            }
        }
        return did;
    }

    // False: it cannot begin yet.
    private async Task<bool> Run(AuditView audit, CancellationToken cancellation)
    {
        // The range ends where the log ended when the order was sealed; nobody can move it afterwards.
        if (await store.BlockOf(audit.Seq, cancellation) is not { } ordered || (audit.SeedHeight is { } height && height > head.Header.Height))
        {
            return false;
        }
        var to = audit.To == 0 ? ordered.Size : Math.Min(audit.To, ordered.Size);
        var seed = audit.SeedHeight is { } at && await store.Block(at, cancellation) is { } block ? Digest.Of(block.Header.Span) : (Digest?)null;
        var (work, population) = await Work(audit, to, seed, cancellation);
        var state = await Progress(audit.Id, cancellation);
        while (state.Next < work.Count)
        {
            if ((await acts.Audits(audit.Id, cancellation)) is not [{ State: "waiting" or "running" }])
            {
                return true;
            }
            var page = work.Skip((int)state.Next).Take(PageMax).ToList();
            var failures = await check.Run(page, cancellation);
            state = new(state.Next + page.Count, state.Failed + failures.Count, [.. state.Failures.Concat(failures).Take(AuditReport.FailuresMax)]);
            await Save(audit.Id, "running", state, work.Count, null, cancellation);
        }
        var report = new AuditReport(genesis.Chain, audit.Id, audit.Seq, audit.From, to, audit.Source, audit.Format, population, seed, seed is null ? 0 : audit.SeedHeight!.Value, work.Count,
            state.Failures, state.Failed, Header(ordered)).ToJson();
        if (state.Failed > 0)
        {
            await Raise(audit.Id, state.Failures[0], cancellation);
        }
        await Save(audit.Id, "done", state, work.Count, report, cancellation);
        return true;
    }

    private async Task<(IReadOnlyList<long> Work, long Population)> Work(AuditView audit, long to, Digest? seed, CancellationToken cancellation)
    {
        List<long>? listed = audit.Source is null && audit.Format is null ? null
            : await tables.Read("audit_population", row => row.GetInt64(0), cancellation, audit.From, to, audit.Source, audit.Format);
        var population = listed?.Count ?? Math.Max(0, to - audit.From + 1);
        var drawn = AuditSample.Draw(seed ?? default, population, seed is null ? population : audit.SampleSize!.Value);
        return ([.. drawn.Select(i => listed?[(int)i] ?? audit.From + i)], population);
    }

    private sealed record State(long Next, long Failed, IReadOnlyList<Rejected> Failures);

    private async Task<State> Progress(string id, CancellationToken cancellation) =>
        (await tables.Read("audit_progress", row => new State(row.GetInt64(0), row.GetInt64(2),
            [.. JsonDocument.Parse(row.GetString(3)).RootElement.EnumerateArray().Select(f => new Rejected(f[0].GetInt64(), f[1].GetString()!))]), cancellation, id)).FirstOrDefault() ?? new(0, 0, []);

    private async Task Save(string id, string state, State progress, long total, JsonObject? report, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(MonitorStatement.Text("put_audit"));
        foreach (var value in (object[])[id, state, progress.Next, progress.Next, total, progress.Failed])
        {
            command.Parameters.Add(new() { Value = value });
        }
        command.Parameters.Add(new() { Value = new JsonArray([.. progress.Failures.Select(f => new JsonArray(f.Seq, f.Code))]).ToJsonString(), NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = (object?)report?.ToJsonString() ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = report is null ? DBNull.Value : AuditReport.DigestOf(report).ToString(), NpgsqlDbType = NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    // Once, though the host may have stopped between the finding and the note that the audit is done.
    private async Task Raise(string audit, Rejected first, CancellationToken cancellation)
    {
        if ((await acts.Findings(null, long.MaxValue, 1000, cancellation)).Any(f => f.Kind == FindingKind && f.About.TryGetProperty("audit", out var of) && of.GetString() == audit))
        {
            return;
        }
        var @event = new NewEvent(EventTable.FindingRaised, keys.Host.Name, Jcs.Bytes(new JsonObject { ["kind"] = FindingKind, ["seq"] = first.Seq, ["code"] = first.Code, ["audit"] = audit }));
        await HostWord.Append(store, EventTable.FindingStream, @event, cancellation);
    }

    private static BlockHeader Header(StoredBlock block) =>
        BlockHeader.TryParse(block.Header, out var header) ? header : throw new InvalidDataException($"Block {block.Height} in the store is damaged.");
}
