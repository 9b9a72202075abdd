using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using Npgsql;

namespace EventLedger.Api.O2C;

/// <summary>An act that waits for signatures; nonce and end are fixed, so that all sign one and the same subject.</summary>
/// <param name="Id">16 random bytes in base64url.</param>
/// <param name="Operation">As it was asked for.</param>
/// <param name="Type">As it was asked for.</param>
/// <param name="Event">The event.</param>
/// <param name="Stream">Its stream.</param>
/// <param name="ExpectedVersion">Version of the stream when it was drafted.</param>
/// <param name="Data">The event's data without authorization, as JSON.</param>
/// <param name="Reason">Why; null when nobody said.</param>
/// <param name="Nonce">16 random bytes in base64url.</param>
/// <param name="Exp">Until when it may be signed.</param>
/// <param name="DraftedBy">Who drafted it, by pseudonym.</param>
public sealed record ControlRequest(string Id, string Operation, string Type, string Event, string Stream, long ExpectedVersion, string Data, string? Reason, string Nonce,
    string Exp, string DraftedBy)
{
    /// <summary>What each person signs.</summary>
    public Digest Subject(string chain) =>
        Domain.Ledger.Authorization.Subject(chain, Stream, Event, (JsonObject)JsonNode.Parse(Data)!, ExpectedVersion, Nonce, LedgerTime.Parse(Exp));
}

/// <summary>A draft with what became of it.</summary>
/// <param name="Request">The draft.</param>
/// <param name="Signatures">Signatures so far.</param>
/// <param name="Seq">Its entry; null while it waits.</param>
public sealed record SignedRequest(ControlRequest Request, JsonArray Signatures, long? Seq);

/// <summary>Drafts in the database, so that people sign on other machines and through other hosts.</summary>
public sealed class RequestStore(NpgsqlDataSource database)
{
    private const int PageMax = 200;

    /// <summary>Keeps a new draft.</summary>
    public async Task Add(ControlRequest request, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("insert into host.control_requests (id, drafted, draft, signatures) values ($1, now(), $2, '[]')");
        command.Parameters.Add(new() { Value = request.Id });
        command.Parameters.Add(new() { Value = JsonSerializer.Serialize(request) });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>One draft; null when there is none.</summary>
    public async Task<SignedRequest?> Find(string id, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select draft, signatures, seq from host.control_requests where id = $1");
        command.Parameters.Add(new() { Value = id });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? Read(reader) : null;
    }

    /// <summary>Drafts, newest first.</summary>
    public async Task<IReadOnlyList<SignedRequest>> List(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand($"select draft, signatures, seq from host.control_requests order by drafted desc, id limit {PageMax}");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var all = new List<SignedRequest>();
        while (await reader.ReadAsync(cancellation))
        {
            all.Add(Read(reader));
        }
        return all;
    }

    /// <summary>Forgets a draft that has no entry; false when there is none.</summary>
    public async Task<bool> Remove(string id, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("delete from host.control_requests where id = $1 and seq is null");
        command.Parameters.Add(new() { Value = id });
        return await command.ExecuteNonQueryAsync(cancellation) > 0;
    }

    /// <summary>Changes a draft while nobody else does: two people who sign at the same moment are both counted, and one of them completes it.</summary>
    /// <param name="id">The draft.</param>
    /// <param name="change">The draft after the change, and the answer; the same draft to leave it as it is.</param>
    /// <param name="cancellation">Stops waiting.</param>
    public async Task<T?> Change<T>(string id, Func<SignedRequest, Task<(SignedRequest After, T Answer)>> change, CancellationToken cancellation)
        where T : class
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        SignedRequest? before = null;
        await using (var select = new NpgsqlCommand("select draft, signatures, seq from host.control_requests where id = $1 for update", connection))
        {
            select.Parameters.Add(new() { Value = id });
            await using var reader = await select.ExecuteReaderAsync(cancellation);
            before = await reader.ReadAsync(cancellation) ? Read(reader) : null;
        }
        if (before is null)
        {
            return null;
        }
        var (after, answer) = await change(before);
        await using var update = new NpgsqlCommand("update host.control_requests set signatures = $2, seq = $3 where id = $1", connection);
        update.Parameters.Add(new() { Value = id });
        update.Parameters.Add(new() { Value = after.Signatures.ToJsonString() });
        update.Parameters.Add(new() { Value = (object?)after.Seq ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint });
        await update.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return answer;
    }

    private static SignedRequest Read(NpgsqlDataReader reader) =>
        new(JsonSerializer.Deserialize<ControlRequest>(reader.GetString(0))!, (JsonArray)JsonNode.Parse(reader.GetString(1))!, reader.IsDBNull(2) ? null : reader.GetInt64(2));
}
