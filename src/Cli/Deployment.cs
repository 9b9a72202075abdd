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
