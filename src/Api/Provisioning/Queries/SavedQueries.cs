using System.Security.Cryptography;
using System.Text.Json.Nodes;
using EventLedger.Api.Host;
using EventLedger.Domain.Kernel;
using Npgsql;

namespace EventLedger.Api.Provisioning.Queries;

/// <summary>A question that is kept to be asked again.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Version">1 for the first, one more for each change; earlier ones stay.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Query">The question as <c>POST /u2s/v1/query</c> takes it.</param>
/// <param name="Shared">Whether everybody of the owner's organisation may ask it.</param>
/// <param name="Owned">Whether the reader owns it.</param>
/// <param name="Saved">When this version was saved.</param>
/// <param name="Rows">Where its answer is; <c>Accept: text/csv</c> gives all rows.</param>
public sealed record SavedQuery(string Id, int Version, string Title, JsonNode Query, bool Shared, bool Owned, LedgerTime Saved, string Rows);

/// <summary>Saved queries.</summary>
public sealed record SavedQueryList(int Total, IReadOnlyList<SavedQuery> Items);

/// <summary>Keeps questions, each version of each.</summary>
public sealed class SavedQueries(NpgsqlDataSource database, TimeProvider clock)
{
    private const string Columns = "id, version, title, query, shared, owner = $1, saved";
    private const string Mine = "(owner = $1 or (shared and organisation = $2))";

    /// <summary>The newest version of each that a reader may ask, by title.</summary>
    public Task<List<SavedQuery>> List(string reader, string? organisation, CancellationToken cancellation) => database.Read(
        $"select * from (select distinct on (id) {Columns} from host.saved_queries where {Mine} order by id, version desc) q order by title, id", Read, cancellation, reader, organisation);

    /// <summary>One, in a version or the newest; null when there is none that the reader may ask.</summary>
    public async Task<SavedQuery?> Find(string reader, string? organisation, string id, int? version, CancellationToken cancellation) => (await database.Read(
        $"select {Columns} from host.saved_queries where {Mine} and id = $3 and ($4::integer is null or version = $4) order by version desc limit 1", Read, cancellation,
        reader, organisation, id, version)).FirstOrDefault();

    /// <summary>Keeps a new one.</summary>
    public async Task<string> Add(string owner, string? organisation, string title, JsonObject query, bool shared, CancellationToken cancellation)
    {
        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        await Put(id, 1, owner, organisation, title, query, shared, cancellation);
        return id;
    }

    /// <summary>Keeps a new version; false when another came first.</summary>
    public async Task<bool> Change(SavedQuery known, string owner, string? organisation, string title, JsonObject query, bool shared, CancellationToken cancellation) =>
        await Put(known.Id, known.Version + 1, owner, organisation, title, query, shared, cancellation) == 1;

    /// <summary>Removes all versions of an owner's; false when there is none.</summary>
    public async Task<bool> Remove(string owner, string id, CancellationToken cancellation) =>
        await database.Run("delete from host.saved_queries where owner = $1 and id = $2", cancellation, owner, id) > 0;

    private Task<int> Put(string id, int version, string owner, string? organisation, string title, JsonObject query, bool shared, CancellationToken cancellation) => database.Run(
        "insert into host.saved_queries (id, version, owner, organisation, shared, title, query, saved) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing", cancellation,
        id, version, owner, organisation, shared, title, query.ToJsonString(), clock.GetUtcNow());

    private static SavedQuery Read(NpgsqlDataReader row) => new(row.GetString(0), row.GetInt32(1), row.GetString(2), JsonNode.Parse(row.GetString(3))!, row.GetBoolean(4), row.GetBoolean(5),
        LedgerTime.From(row.GetFieldValue<DateTimeOffset>(6)), $"/u2s/v1/queries/{row.GetString(0)}/rows");
}
