using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EventLedger.Client;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore.Postgres;
using EventLedger.Wire;
using Npgsql;

namespace EventLedger.Cli;

/// <summary>A host's data folder: its genesis file, its transport key, and the address of its database.</summary>
internal sealed class Deployment : IDisposable
{
    public static readonly Option<DirectoryInfo> DataOption = new("--data") { Description = "The host's data folder.", DefaultValueFactory = _ => new(".data") };

    public static readonly Option<string?> ConnectionOption = new("--connection")
    {
        Description = "The database; otherwise ConnectionStrings__Ledger, or what ./run noted in the data folder.",
    };

    private readonly X509Certificate2 certificate;
    private readonly string folder;
    private readonly string? connection;

    private Deployment(string folder, string? connection)
    {
        (this.folder, this.connection) = (folder, connection);
        var file = Path.Combine(folder, "genesis.json");
        if (!File.Exists(file))
        {
            throw new InvalidDataException($"{folder} is not a host's data folder: there is no genesis.json in it. Name the folder with --data.");
        }
        Genesis = Genesis.TryParse(File.ReadAllBytes(file), out var genesis)
            ? genesis
            : throw new InvalidDataException($"{folder}/genesis.json is not a genesis file.");
        using var key = Keys.Load(Path.Combine(folder, "host", "transport.json"));
        using var ecdsa = ECDsa.Create(key.Export());
        certificate = TransportCertificate.Create(ecdsa);
    }

    public Genesis Genesis { get; }

    public static Deployment Open(ParseResult parsed) => new(parsed.GetValue(DataOption)!.FullName, parsed.GetValue(ConnectionOption));

    /// <summary>A client of a validator's gateway.</summary>
    public ValidatorClient Gateway(GenesisValidator validator) => new(validator, certificate);

    /// <summary>The validator with a name, or the first.</summary>
    public GenesisValidator Validator(string? name) => name is null
        ? Genesis.Validators[0]
        : Genesis.Validators.FirstOrDefault(v => v.Name == name)
            ?? throw new ArgumentException($"No validator '{name}'. There are: {string.Join(", ", Genesis.Validators.Select(v => v.Name))}.");

    /// <summary>A validator as its own request introduces it: the genesis file knows only the first ones.</summary>
    public static GenesisValidator Introduced(FileInfo file)
    {
        using var json = System.Text.Json.JsonDocument.Parse(File.ReadAllText(file.FullName));
        return ValidatorRequest.TryParse(json.RootElement, out var request, out var problem) ? request.Validator : throw new InvalidDataException($"{file.FullName}: {problem}");
    }

    /// <summary>
    /// All validators that have seats by the sealed events in the database; those of the genesis file where that cannot be told.
    /// </summary>
    public async Task<ValidatorRoll> Roll(CancellationToken cancel)
    {
        var registry = Registry.From(Genesis);
        try
        {
            await using var database = Database();
            await using var command = database.CreateCommand("""
                select e.seq_id, e.version, e.type, e.timestamp, e.data::text, l.actor from mt_events e join ledger_entries l on l.seq = e.seq_id
                where e.stream_id = $1 and e.seq_id <= (select coalesce(max(size), 0) from ledger_blocks)
                    and not exists (select from ledger_rejections r where r.seq = e.seq_id) order by e.version
                """);
            command.Parameters.Add(new() { Value = EventTable.ValidatorStream });
            await using var rows = await command.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
            {
                using var data = System.Text.Json.JsonDocument.Parse(rows.GetString(4));
                var entry = new Entry(rows.GetInt64(0), EventTable.ValidatorStream, rows.GetInt64(1), rows.GetString(2),
                    Domain.Kernel.LedgerTime.From(rows.GetFieldValue<DateTimeOffset>(3)), rows.GetString(5), System.Text.Encoding.UTF8.GetBytes(rows.GetString(4)));
                RegistryEvents.Fold(entry, data.RootElement, Genesis.Chain, ref registry);
            }
        }
        catch (Exception e) when (e is NpgsqlException or ArgumentException)
        {
            // Without a database there is still the genesis file, and whoever needs the database says so itself.
        }
        return registry.Roll;
    }

    public NpgsqlDataSource Database()
    {
        var noted = Path.Combine(folder, "connection");
        var text = connection ?? Environment.GetEnvironmentVariable("ConnectionStrings__Ledger") ?? (File.Exists(noted) ? File.ReadAllText(noted).Trim() : null)
            ?? throw new ArgumentException("Where is the database? Give --connection or set ConnectionStrings__Ledger.");
        return NpgsqlDataSource.Create(text);
    }

    public Task<PostgresEventStore> Store(NpgsqlDataSource database, CancellationToken cancel) => PostgresEventStore.Open(database, Genesis.Chain, TimeProvider.System, cancel);

    public void Dispose() => certificate.Dispose();
}
