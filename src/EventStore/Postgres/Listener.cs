using Npgsql;

namespace EventLedger.EventStore.Postgres;

/// <summary>Learns what other hosts wrote: the database calls, and should a call get lost, it asks once in a while.</summary>
internal sealed class Listener : IAsyncDisposable
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(1), RetryAfter = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource stop = new();
    private readonly Task loop;

    public Listener(NpgsqlDataSource database, Signal head, Signal sealedHeight, TimeProvider clock) =>
        loop = Task.Run(() => Run(database, head, sealedHeight, clock));

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        stop.Dispose();
    }

    private async Task Run(NpgsqlDataSource database, Signal head, Signal sealedHeight, TimeProvider clock)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(stop.Token);
                connection.Notification += (_, call) => (call.Channel == "ledger_sealed" ? sealedHeight : head)
                    .Advance(long.Parse(call.Payload, System.Globalization.CultureInfo.InvariantCulture));
                await using (var listen = new NpgsqlCommand(Sql.Text("Postgres.Sql", "listen"), connection))
                {
                    await listen.ExecuteNonQueryAsync(stop.Token);
                }
                await using var heights = new NpgsqlCommand(Sql.Text("Postgres.Sql", "heights"), connection);
                while (true)
                {
                    await using (var row = await heights.ExecuteReaderAsync(stop.Token))
                    {
                        await row.ReadAsync(stop.Token);
                        head.Advance(row.GetInt64(0));
                        sealedHeight.Advance(row.GetInt64(1));
                    }
                    var asked = clock.GetTimestamp();
                    while (clock.GetElapsedTime(asked) < PollEvery && await connection.WaitAsync(PollEvery, stop.Token))
                    {
                    }
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (Connections.IsLost(e))
            {
                await Task.Delay(RetryAfter, clock, CancellationToken.None);
            }
        }
    }
}
