using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using EventLedger.Client;
using EventLedger.Domain.Ledger;
using EventLedger.Tests.Shared;
using Npgsql;

namespace EventLedger.Conformance.Support;

/// <summary>The whole product as processes of its own: PostgreSQL, the validators, the host, and the command line beside them.</summary>
internal sealed class TestLedger : IAsyncDisposable
{
    private readonly Layout layout;
    private readonly Child?[] validators;   // One more may join.
    private readonly int port = Layout.FreePorts(1);
    private Child? host;

    private TestLedger(PostgresCluster postgres, string connection, Layout layout)
    {
        (Postgres, Connection, this.layout, validators) = (postgres, connection, layout, new Child?[layout.Validators + 1]);
        Url = new($"http://127.0.0.1:{port}");
        Http = new() { BaseAddress = Url, Timeout = TimeSpan.FromSeconds(30) };
        Client = new(Http);
    }

    public PostgresCluster Postgres { get; }

    /// <summary>The database that host and command line use; a test may put another in its place while the host is stopped.</summary>
    public string Connection { get; set; }

    public string Data { get; } = Directory.CreateTempSubdirectory("eventledger-conformance-").FullName;

    public Uri Url { get; }

    public HttpClient Http { get; }

    public LedgerClient Client { get; }

    public Genesis Genesis { get; private set; } = null!;

    /// <summary>A new chain of four validators with everything running; a layout may say otherwise, and some may stay away from the start.</summary>
    public static async Task<TestLedger> Start(Layout? layout = null, Func<Genesis, IReadOnlyList<int>>? without = null)
    {
        var postgres = await PostgresCluster.Create();
        var ledger = new TestLedger(postgres, await postgres.CreateDatabase(), layout ?? Layout.Plain());
        try
        {
            Directory.CreateDirectory(Path.Combine(ledger.Data, "log"));
            ledger.EndWithThisProcess();
            await ledger.layout.Found(ledger);
            Genesis.TryParse(await File.ReadAllBytesAsync(ledger.GenesisFile), out var genesis).ShouldBeTrue();
            ledger.Genesis = genesis!;
            ledger.StartValidators([.. Enumerable.Range(1, ledger.layout.Validators).Except(without?.Invoke(genesis) ?? [])]);
            ledger.StartHost();
            await ledger.Ready();
            return ledger;
        }
        catch
        {
            await ledger.DisposeAsync();
            throw;
        }
    }

    public string GenesisFile => Path.Combine(Data, "genesis.json");

    public string ValidatorFolder(int n) => Path.Combine(Data, "validators", $"{n}");

    public void StartValidators(params int[] which)
    {
        foreach (var n in which)
        {
            StartValidator(n, new Dictionary<string, string>());
        }
    }

    /// <summary>Starts one with settings of its own in its environment.</summary>
    public void StartValidator(int n, IReadOnlyDictionary<string, string> environment) =>
        validators[n - 1] = Note(n, Child.Start("Validator", Log($"validator-{n}"), environment, layout.Within(n), "--data", ValidatorFolder(n)));

    /// <summary>The process of a validator, or null before its first start.</summary>
    public Child? ProcessOf(int n) => validators[n - 1];


    /// <summary>kill -9.</summary>
    public void KillValidators(params int[] which)
    {
        foreach (var n in which)
        {
            validators[n - 1]!.Kill();
        }
    }

    public async Task StopValidator(int n) => (await validators[n - 1]!.Stop()).ShouldBe(0);

    public void StartHost() => host = Note(0, Child.Start("Web", Log("host"),
        new Dictionary<string, string> { ["ASPNETCORE_URLS"] = Url.ToString(), ["ConnectionStrings__Ledger"] = Connection }, [], $"--Ledger:Data={Data}"));

    /// <summary>kill -9.</summary>
    public void KillHost() => host!.Kill();

    public Task StopHost() => host!.Stop();

    /// <summary>Starts the command line without waiting for its end.</summary>
    public Task<(int Exit, string Said)> Run(params string[] arguments) =>
        Child.Run("Cli", new Dictionary<string, string> { ["ConnectionStrings__Ledger"] = Connection, ["LEDGER_URL"] = Url.ToString() }, arguments);

    public async Task<string> MustRun(params string[] arguments)
    {
        var (exit, said) = await Run(arguments);
        exit.ShouldBe(0, said);
        return said;
    }

    public Task<(int Exit, string Said)> Audit() => Run("audit", "--data", Data);

    /// <summary>The answer's JSON and status; a host that is down answers nothing.</summary>
    public async Task<(int Status, JsonObject Body)> Get(string path)
    {
        try
        {
            using var response = await Http.GetAsync(new Uri(path, UriKind.Relative));
            return ((int)response.StatusCode, await Json(response));
        }
        catch (HttpRequestException)
        {
            return (0, []);
        }
    }

    /// <summary>Posts a JSON object.</summary>
    public async Task<(int Status, JsonObject Body)> Post(string path, JsonObject body)
    {
        using var content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        using var response = await Http.PostAsync(new Uri(path, UriKind.Relative), content);
        return ((int)response.StatusCode, await Json(response));
    }

    public static async Task<JsonObject> Json(HttpResponseMessage response) => JsonNode.Parse(await response.Content.ReadAsByteArrayAsync()) as JsonObject ?? [];

    public Task<string> Page(string path) => Http.GetStringAsync(new Uri(path, UriKind.Relative));

    public Task Ready() => Wait.Until("the host is ready", async () => await Get("/health/ready") is (200, var body) && body["status"]!.GetValue<string>() == "ready");

    /// <summary>Height and size of the newest sealed block.</summary>
    public async Task<(long Height, long Size, string Root)> Head()
    {
        var (status, body) = await Get("/ledger/v1/head");
        return status == 200 ? (body["height"]!.GetValue<long>(), body["size"]!.GetValue<long>(), body["root"]!.GetValue<string>()) : (0, 0, "");
    }

    public Task Sealed(long seq) => Wait.Until($"entry {seq} is sealed", async () => (await Head()).Size >= seq);

    /// <summary>Waits until all that was appended is sealed; gives how much that is.</summary>
    public async Task<long> AllSealed()
    {
        var end = await Scalar("select max(seq_id) from mt_events");
        await Sealed(end);
        return end;
    }

    /// <summary>Waits until the views hold all entries.</summary>
    public Task AllProjected() => Wait.Until("the views are up to date",
        async () => await Scalar("select coalesce(min(last_seq_id), 0) from mt_event_progression") == await Scalar("select max(seq_id) from mt_events"));

    public async Task<long> Scalar(string sql)
    {
        await using var connection = await Open();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    public async Task Execute(string sql)
    {
        await using var connection = await Open();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Every row as text, in order.</summary>
    public async Task<List<string>> Rows(string sql)
    {
        await using var connection = await Open();
        await using var command = new NpgsqlCommand(sql, connection);
        await using var rows = await command.ExecuteReaderAsync();
        var found = new List<string>();
        while (await rows.ReadAsync())
        {
            found.Add(rows.GetString(0));
        }
        return found;
    }

    /// <summary>What one validator says of itself, as the host heard it.</summary>
    public async Task<JsonObject?> Validator(int n)
    {
        var (status, body) = await Get("/ledger/v1/validators");
        return status == 200 ? (JsonObject)body["validators"]![n - 1]! : null;
    }

    public async ValueTask DisposeAsync()
    {
        host?.Dispose();
        foreach (var validator in validators)
        {
            validator?.Dispose();
        }
        Http.Dispose();
        await Postgres.DisposeAsync();
        KeepLogs();
        Directory.Delete(Data, recursive: true);
    }

    // What the processes said explains a failure; whether this test failed is known only after it.
    private void KeepLogs()
    {
        var kept = Directory.CreateDirectory(Path.Combine(Child.Root, "artifacts", "test", "conformance", TestContext.Current.TestMethod?.MethodName ?? "portal")).FullName;
        foreach (var log in Directory.EnumerateFiles(Path.Combine(Data, "log")))
        {
            File.Copy(log, Path.Combine(kept, Path.GetFileName(log)), overwrite: true);
        }
    }

    /// <summary>What a process has said so far.</summary>
    public string Said(string name) => File.ReadAllText(Log(name));

    private string Log(string name) => Path.Combine(Data, "log", $"{name}.log");

    private Child Note(int who, Child child)
    {
        layout.Pids[who] = child.Id;
        File.AppendAllText(Path.Combine(Data, "pids"), $"{child.Id}\n");
        return child;
    }

    // A test run that is killed must not leave processes behind, and no handler of its own would run then.
    private void EndWithThisProcess()
    {
        var kill = $"while read -r pid; do grep -q '{Data}' /proc/$pid/cmdline && kill -9 $pid; done <'{Data}/pids'; "
            + $"umount -l '{Data}'/validators/* 2>/dev/null; rm -rf '{Data}'";
        using var watcher = Process.Start(new ProcessStartInfo(
            "sh", ["-c", $"(tail --pid={Environment.ProcessId} -f /dev/null; {kill}) >/dev/null 2>&1 </dev/null &"]))!;
        watcher.WaitForExit();
    }

    private async Task<NpgsqlConnection> Open()
    {
        // The database may be dropped or its server killed in between.
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Connection) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        return connection;
    }
}
