using EventLedger.Client;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;
using EventLedger.EventStore.Postgres;
using Npgsql;

namespace EventLedger.Bench;

/// <summary>A database whose log holds a format, a source and records that the source signed, as a host would have appended them.</summary>
internal static class SignedLog
{
    private const int PerCommit = 2_000;

    /// <summary>Fills an empty database; gives the chain and the place of the last entry.</summary>
    public static async Task<(string Chain, long Size)> Fill(NpgsqlDataSource database, int records)
    {
        using var person = Keys.Generate(KeyPurpose.Operator);
        var genesis = Genesis(person);
        var entries = new EntryMaker(genesis, person);
        await using var store = await PostgresEventStore.Open(database, genesis.Chain, TimeProvider.System);
        await Append(entries.Beginning());
        foreach (var batch in entries.Records(records, PerCommit))
        {
            await Append(batch);
        }
        await using var analyze = database.CreateCommand("vacuum analyze");
        await analyze.ExecuteNonQueryAsync();
        return (genesis.Chain, (await store.Head(default)).Seq);

        Task Append(IReadOnlyList<ReadOnlyMemory<byte>> batch) => store.Restore([.. batch.Select(bytes => new RestoredEntry(bytes, default, []))], default);
    }

    // Nobody seals this log, so its one validator only has to have keys.
    private static Genesis Genesis(SigningKey person)
    {
        string[] purposes = [KeyPurpose.Checkpoint, KeyPurpose.Receipt, KeyPurpose.Status, KeyPurpose.Transport];
        var keys = purposes.ToDictionary(p => p, p => Keys.Generate(p).Public);
        var file = Domain.Ledger.Genesis.Write("bench", LedgerTime.From(DateTimeOffset.UtcNow), new("localhost", [], new Dictionary<string, int>()),
            [new("v0", "127.0.0.1:1", new(Keys.Generate(KeyPurpose.Consensus).Public, 1, keys))],
            [new("operator-0", person.Public), new("operator-1", Keys.Generate(KeyPurpose.Operator).Public)],
            [new("host", keys[KeyPurpose.Receipt], keys[KeyPurpose.Status], keys[KeyPurpose.Transport])]);
        return Domain.Ledger.Genesis.TryParse(file, out var genesis) ? genesis : throw new InvalidOperationException("The genesis file is not one.");
    }
}
