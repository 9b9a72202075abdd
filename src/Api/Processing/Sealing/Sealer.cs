using EventLedger.Api.Host;
using Npgsql;

namespace EventLedger.Api.Processing.Sealing;

/// <summary>
/// Seals without end: hands over entries and takes in blocks, on one host at a time. Who seals holds a lock in the database; when that connection breaks,
/// another host may go on, and should two overlap, one block wins and the other host takes it in.
/// </summary>
public sealed class Sealer(LedgerOptions options, StoreGuard guard, HandOver handOver, Follow follow, Findings findings, EvidenceWatch evidence, ILogger<Sealer> log) : BackgroundService
{
    // 'eventldg' in ASCII.
    private const long LockKey = 0x6576656e746c6467;

    // A pooled connection would keep the lock after it was given back.
    private readonly string unpooled = new NpgsqlConnectionStringBuilder(options.ConnectionString) { Pooling = false }.ConnectionString;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Whether this host is the one that seals.</summary>
    public bool IsActive { get; private set; }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await guard.Passed(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await using var connection = new NpgsqlConnection(unpooled);
                await connection.OpenAsync(stoppingToken);
                if (await TryLock(connection, stoppingToken))
                {
                    IsActive = true;
                    await Seal(connection, stoppingToken);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                log.LogWarning(e, "Sealing starts anew.");
            }
            finally
            {
                IsActive = false;
            }
            await Task.Delay(LookEvery, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task Seal(NpgsqlConnection connection, CancellationToken stopping)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var work = new[] { handOver.Run(stop.Token), follow.Run(stop.Token), findings.Run(stop.Token), evidence.Run(stop.Token), Hold(connection, stop.Token) };
        var first = await Task.WhenAny(work);
        await stop.CancelAsync();
        await Task.WhenAll(work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }

    // The lock lives as long as its connection; a dead connection is found only by asking.
    private static async Task Hold(NpgsqlConnection connection, CancellationToken cancellation)
    {
        while (true)
        {
            await Task.Delay(LookEvery, cancellation);
            await using var ask = new NpgsqlCommand("select 1", connection);
            await ask.ExecuteScalarAsync(cancellation);
        }
    }

    private static async Task<bool> TryLock(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock($1)", connection) { Parameters = { new() { Value = LockKey } } };
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
