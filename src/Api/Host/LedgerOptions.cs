namespace EventLedger.Api.Host;

/// <summary>What an installation may set: section <c>Ledger</c>, and the connection string <c>Ledger</c>.</summary>
public sealed record LedgerOptions
{
    /// <summary>Directory with <c>genesis.json</c>, <c>host/</c> (keys) and <c>vault/</c> (data keys).</summary>
    public required string Data { get; init; }

    /// <summary>Directory with the record keys of agencies, a folder for each organisation (setting <c>Vault:Agencies</c>); null: <c>agencies/</c> in <see cref="Data"/>.</summary>
    public string? Agencies { get; init; }

    /// <summary>PostgreSQL.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>PostgreSQL for supervisors' queries, with a user that only reads; null: the same database under the role <c>ledger_monitor</c>.</summary>
    public string? MonitorConnectionString { get; init; }

    /// <summary>Whether the way to PostgreSQL is a network of their own, so that TLS may be left out; on one machine it is never asked.</summary>
    public bool DatabaseNetworkIsPrivate { get; init; }

    /// <summary>Address under which records name status lists; null: whatever address the request came to.</summary>
    public string? BaseUrl { get; init; }

    /// <summary>Whether people are at an https address, also where a proxy ends TLS and a request comes in plain.</summary>
    public bool IsPublicByTls => BaseUrl?.StartsWith("https://", StringComparison.Ordinal) == true;

    /// <summary>Longest <c>Prefer: wait</c>: 0 to 60 s; connections of intermediaries seldom live longer.</summary>
    public TimeSpan WaitMax { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Lines of a bulk request that are checked and committed together: 1 to 4096. More saves commits, fewer answers sooner.</summary>
    public int BulkLines { get; init; } = 256;

    /// <summary>Whether this host seals; only tests turn it off.</summary>
    public bool Seals { get; init; } = true;

    /// <summary>How often the database server's identity and the validators' heads are looked at: 1 to 60 s.</summary>
    public TimeSpan GuardEvery { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Requests a minute of one known caller: 1 to 1 000 000. A portal page makes about ten.</summary>
    public int RequestsPerMinute { get; init; } = 12_000;

    /// <summary>Requests a minute of one address where nobody is known: 1 to 10 000 000. Behind a balancer many people share one.</summary>
    public int AnonymousPerMinute { get; init; } = 120_000;

    /// <summary>Tries a minute of one address to sign in or to get a token: 1 to 100 000.</summary>
    public int SignInsPerMinute { get; init; } = 600;

    /// <summary>Reports a minute of one address: 1 to 10 000. Each costs the ledger an entry, and anybody may write one.</summary>
    public int ReportsPerMinute { get; init; } = 20;

    /// <summary>Whom a source asks that may not submit: an address of mail or the web; null where the installation names none.</summary>
    public string? Contact { get; init; }

    /// <summary>Private networks to which webhooks may send all the same, as in <c>10.1.0.0/16</c>: none, unless an installation has receivers of its own there.</summary>
    public IReadOnlyList<System.Net.IPNetwork> WebhookNetworks { get; init; } = [];

    /// <summary>Pause before a message that failed is sent again, doubled each time: 10 s lets a receiver start anew.</summary>
    public TimeSpan WebhookRetry { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Reads configuration; throws <see cref="InvalidOperationException"/> with the missing setting's name.</summary>
    public static LedgerOptions From(IConfiguration configuration) => new()
    {
        Data = configuration["Ledger:Data"] ?? throw new InvalidOperationException("Ledger:Data (environment: Ledger__Data) must name the data directory."),
        Agencies = configuration["Vault:Agencies"],
        ConnectionString = configuration.GetConnectionString("Ledger")
            ?? throw new InvalidOperationException("ConnectionStrings:Ledger (environment: ConnectionStrings__Ledger) must name the database."),
        MonitorConnectionString = configuration.GetConnectionString("Monitor"),
        DatabaseNetworkIsPrivate = configuration.GetValue("Ledger:DatabaseNetworkIsPrivate", false),
        BaseUrl = configuration["Ledger:BaseUrl"]?.TrimEnd('/'),
        Contact = configuration["Ledger:Contact"],
        RequestsPerMinute = Number(configuration, "RequestsPerMinute", 12_000, 1_000_000),
        AnonymousPerMinute = Number(configuration, "AnonymousPerMinute", 120_000, 10_000_000),
        SignInsPerMinute = Number(configuration, "SignInsPerMinute", 600, 100_000),
        ReportsPerMinute = Number(configuration, "ReportsPerMinute", 20, 10_000),
        WebhookNetworks = [.. (configuration["Ledger:WebhookNetworks"] ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Network)],
    };

    private static System.Net.IPNetwork Network(string text) => System.Net.IPNetwork.TryParse(text, out var network)
        ? network
        : throw new InvalidOperationException($"Ledger:WebhookNetworks: '{text}' is no network such as 10.1.0.0/16.");

    private static int Number(IConfiguration configuration, string name, int normal, int max) => configuration[$"Ledger:{name}"] switch
    {
        null => normal,
        var text when int.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max => number,
        _ => throw new InvalidOperationException($"Ledger:{name} must be a number from 1 to {max}."),
    };
}
