using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace EventLedger.Tests.Shared;

/// <summary>
/// A private PostgreSQL server in a temporary directory, with fsync on: what is tested is what will run. It can be killed and started again.
/// <c>EVENTLEDGER_TEST_PG</c> may name an existing server instead (a connection string without a database); that one cannot be killed.
/// </summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    private const string Variable = "EVENTLEDGER_TEST_PG";

    private readonly string? directory;
    private readonly string server;
    private int databases;

    private PostgresCluster(string? directory, string server) => (this.directory, this.server) = (directory, server);

    /// <summary>Whether <see cref="Kill"/> and <see cref="Start"/> work.</summary>
    public bool IsPrivate => directory is not null;

    public static async Task<PostgresCluster> Create()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } existing)
        {
            return new(null, existing);
        }
        var directory = await OwnDirectory();
        var port = FreePort();
        await RunUnprivileged("cp", "-a", $"{await Template.Value}/data", directory);
        await File.AppendAllTextAsync($"{directory}/data/postgresql.conf", $"""
            port = {port}
            listen_addresses = '127.0.0.1'
            unix_socket_directories = '{directory}'
            max_connections = 200
            shared_buffers = 256MB
            max_wal_size = 2GB
            fsync = on
            """);
        var cluster = new PostgresCluster(directory, $"Host=127.0.0.1;Port={port.ToString(CultureInfo.InvariantCulture)};Username=postgres");
        cluster.StopWithThisProcess();
        await cluster.Start();
        return cluster;
    }

    // Making a cluster takes a second of processor time, a copy of an empty one a tenth of that.
    private static readonly Lazy<Task<string>> Template = new(async () =>
    {
        var directory = await OwnDirectory();
        await RunUnprivileged(Binary("initdb"), "-D", $"{directory}/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8");
        AfterThisProcess($"rm -rf '{directory}'");
        return directory;
    });

    private static async Task<string> OwnDirectory()
    {
        var directory = Directory.CreateTempSubdirectory("eventledger-pg-").FullName;
        if (Environment.IsPrivilegedProcess)
        {
            await Run("chown", "postgres", directory);
        }
        return directory;
    }

    /// <summary>Makes an empty database and gives its connection string.</summary>
    public async Task<string> CreateDatabase()
    {
        var name = $"t{Environment.ProcessId}_{Interlocked.Increment(ref databases)}";
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(server) { Database = "postgres", Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"create database {name}", connection);
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString;
    }

    /// <summary>Starts the server; after <see cref="Kill"/> it recovers from its log.</summary>
    public async Task Start()
    {
        // The killed server's children let go of its memory a moment later; until then it refuses to start.
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await RunUnprivileged(Binary("pg_ctl"), "-D", $"{directory}/data", "-l", $"{directory}/log", "-w", "-t", "60", "start");
                return;
            }
            catch (InvalidOperationException) when (attempt < 20)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100));
            }
        }
    }

    /// <summary>kill -9 of the whole server.</summary>
    public void Kill()
    {
        var pid = int.Parse(File.ReadLines($"{directory}/data/postmaster.pid").First(), CultureInfo.InvariantCulture);
        using var postmaster = Process.GetProcessById(pid);
        postmaster.Kill(entireProcessTree: true);
        postmaster.WaitForExit();
    }

    public async ValueTask DisposeAsync()
    {
        if (directory is not null)
        {
            NpgsqlConnection.ClearAllPools();
            await RunUnprivileged(Binary("pg_ctl"), "-D", $"{directory}/data", "-m", "immediate", "-w", "stop");
            Directory.Delete(directory, recursive: true);
        }
    }

    // A test run that is killed must not leave a server behind, and no handler of its own would run then.
    private void StopWithThisProcess()
    {
        var stop = string.Join(' ', Unprivileged(Binary("pg_ctl"), "-D", $"{directory}/data", "-m", "immediate", "-w", "stop"));
        AfterThisProcess($"{stop}; rm -rf '{directory}'");
    }

    private static void AfterThisProcess(string command)
    {
        using var watcher = Process.Start(new ProcessStartInfo("sh", ["-c", $"(tail --pid={Environment.ProcessId} -f /dev/null; {command}) >/dev/null 2>&1 </dev/null &"]))!;
        watcher.WaitForExit();
    }

    // PostgreSQL refuses to run as root.
    private static string[] Unprivileged(params string[] command) => Environment.IsPrivilegedProcess ? ["runuser", "-u", "postgres", "--", .. command] : command;

    private static Task RunUnprivileged(params string[] command) => Unprivileged(command) is [var program, .. var arguments] ? Run(program, arguments) : Task.CompletedTask;

    private static async Task Run(string program, params string[] arguments)
    {
        // The server inherits these files, so a pipe would stay open as long as it lives.
        var output = Path.GetTempFileName();
        var quoted = string.Join(' ', arguments.Prepend(program).Select(a => $"'{a}'"));
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", $"cd / && {quoted} >{output} 2>&1 </dev/null"]))!;
        await process.WaitForExitAsync();
        var said = await File.ReadAllTextAsync(output);
        File.Delete(output);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program}: {said}");
        }
    }

    private static string Binary(string name) =>
        (from bin in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Concat(Debian())
         let path = Path.Combine(bin, name)
         where File.Exists(path)
         select path).FirstOrDefault() ?? throw new InvalidOperationException($"PostgreSQL's {name} was not found: apt-get install postgresql.");

    private static IEnumerable<string> Debian() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(d => Path.Combine(d, "bin"))
        : [];

    // No port is given out twice: the first to have asked may not listen on it yet.
    private static readonly HashSet<int> Given = [];

    internal static int FreePort()
    {
        // Below the ports that the system gives to whoever connects: one of those could be taken again before it is listened on.
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, Random.Shared.Next(15_000, 32_000));
            try
            {
                listener.Start();
                var port = ((IPEndPoint)listener.LocalEndpoint).Port;
                lock (Given)
                {
                    if (Given.Add(port))
                    {
                        return port;
                    }
                }
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                // The next one.
            }
        }
    }
}
