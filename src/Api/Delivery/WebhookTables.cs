using EventLedger.Api.Host;
using EventLedger.Domain.Kernel;
using Npgsql;

namespace EventLedger.Api.Delivery;

/// <summary>Webhooks and their messages in the tables that all hosts share.</summary>
public sealed class WebhookTables(NpgsqlDataSource database, TimeProvider clock)
{
    private const string Columns = "id, url, types, formats, mode, position, created";

    // A host that dies while it sends has not sent; another takes the message up when this is over.
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    /// <summary>Registers one.</summary>
    public Task Add(string owner, Webhook hook, CancellationToken cancellation) => database.Run(
        "insert into host.webhooks (id, owner, url, types, formats, mode, position, created) values ($1, $2, $3, $4, $5, $6, $7, $8)", cancellation,
        hook.Id, owner, hook.Url, hook.Types.ToArray(), hook.Formats.ToArray(), hook.Mode, hook.Position, hook.Created.Moment);

    /// <summary>Those of a party, oldest first.</summary>
    public Task<List<Webhook>> Of(string owner, CancellationToken cancellation) =>
        database.Read($"select {Columns} from host.webhooks where owner = $1 order by created, id", Hook, cancellation, owner);

    /// <summary>One of a party; null when there is none.</summary>
    public async Task<Webhook?> Find(string owner, string id, CancellationToken cancellation) =>
        (await database.Read($"select {Columns} from host.webhooks where owner = $1 and id = $2", Hook, cancellation, owner, id)).FirstOrDefault();

    /// <summary>Removes one with its messages; false when there is none.</summary>
    public async Task<bool> Remove(string owner, string id, CancellationToken cancellation) =>
        await database.Run("delete from host.webhooks where owner = $1 and id = $2", cancellation, owner, id) > 0;

    /// <summary>What became of the newest messages of a webhook.</summary>
    public Task<List<DeliveryView>> Deliveries(string webhook, int limit, CancellationToken cancellation) => database.Read(
        "select seq, attempts, due, delivered, given_up, status, problem from host.deliveries where webhook = $1 order by seq desc limit $2",
        row => new DeliveryView(row.GetInt64(0), row.IsDBNull(3) ? row.IsDBNull(4) ? "waiting" : "given-up" : "delivered", row.GetInt32(1),
            row.IsDBNull(3) && row.IsDBNull(4) ? LedgerTime.From(row.GetFieldValue<DateTimeOffset>(2)) : null, row.IsDBNull(3) ? null : LedgerTime.From(row.GetFieldValue<DateTimeOffset>(3)),
            row.IsDBNull(5) ? null : row.GetInt32(5), row.IsDBNull(6) ? null : row.GetString(6)), cancellation, webhook, (long)limit);

    /// <summary>Has a message sent again, at once; false when there is none.</summary>
    public async Task<bool> Again(string webhook, long seq, CancellationToken cancellation) => await database.Run(
        "update host.deliveries set due = $3, queued = $3, attempts = 0, delivered = null, given_up = null where webhook = $1 and seq = $2", cancellation, webhook, seq, clock.GetUtcNow()) > 0;

    /// <summary>
    /// Moves one webhook on that has not seen all that is sealed: messages and the new position are committed together, so none is lost and none comes twice. False when all have.
    /// </summary>
    internal async Task<bool> Advance(long size, Func<Webhook, Task<(long Position, IReadOnlyList<(long Seq, string Event)> Messages)>> look, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if ((await connection.Read($"select {Columns} from host.webhooks where position < $1 order by position limit 1 for update skip locked", Hook, cancellation, size)) is not [var hook])
        {
            return false;
        }
        var (position, messages) = await look(hook);
        await connection.Run("insert into host.deliveries (webhook, seq, event, queued, due) select $1, s, e, $4, $4 from unnest($2::bigint[], $3::text[]) m(s, e) on conflict do nothing", cancellation,
            hook.Id, messages.Select(m => m.Seq).ToArray(), messages.Select(m => m.Event).ToArray(), clock.GetUtcNow());
        await connection.Run("update host.webhooks set position = $2 where id = $1", cancellation, hook.Id, position);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <summary>Takes messages that are due; no other host takes them for a minute.</summary>
    internal Task<List<Message>> Take(int limit, CancellationToken cancellation) => database.Read("""
        update host.deliveries d set due = $1 + $2, attempts = attempts + 1 from host.webhooks w
        where w.id = d.webhook and (d.webhook, d.seq) in (
            select webhook, seq from host.deliveries where delivered is null and given_up is null and due <= $1 order by due, seq limit $3 for update skip locked)
        returning d.webhook, d.seq, w.url, w.mode, d.event, d.attempts, d.queued
        """, row => new Message(row.GetString(0), row.GetInt64(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetInt32(5), row.GetFieldValue<DateTimeOffset>(6)),
        cancellation, clock.GetUtcNow(), Lease, (long)limit);

    /// <summary>Notes how an attempt went.</summary>
    /// <param name="message">The message.</param>
    /// <param name="status">HTTP status; null where there was no answer.</param>
    /// <param name="problem">Null when it was taken.</param>
    /// <param name="next">When it is sent again; null for never.</param>
    /// <param name="cancellation">Stops waiting.</param>
    internal Task Note(Message message, int? status, string? problem, DateTimeOffset? next, CancellationToken cancellation) => database.Run("""
        update host.deliveries set status = $3, problem = $4, due = coalesce($5::timestamptz, due), delivered = case when $4::text is null then $6::timestamptz end,
            given_up = case when $4::text is not null and $5::timestamptz is null then $6::timestamptz end where webhook = $1 and seq = $2
        """, cancellation, message.Webhook, message.Seq, status, problem, next, clock.GetUtcNow());

    private static Webhook Hook(NpgsqlDataReader row) => new(row.GetString(0), row.GetString(1), row.GetFieldValue<string[]>(2), row.GetFieldValue<string[]>(3), row.GetString(4), row.GetInt64(5),
        LedgerTime.From(row.GetFieldValue<DateTimeOffset>(6)));
}
