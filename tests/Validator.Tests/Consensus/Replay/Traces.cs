using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>The words of the trace files, and where the repository keeps its own.</summary>
internal static class Traces
{
    private static readonly ConcurrentDictionary<Digest, string> Names = new();

    public static string Root { get; } = Path.Combine(Repository(), "tests", "vectors", "traces");

    public static JsonElement Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        using var stream = new MemoryStream(bytes);
        using Stream plain = bytes is [0x1f, 0x8b, ..] ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        using var document = JsonDocument.Parse(plain);
        return document.RootElement.Clone();
    }

    public static Digest? Value(this JsonElement e, string name = "v") =>
        e.TryGetProperty(name, out var v) && v.ValueKind == JsonValueKind.String ? Named(v.GetString()!) : null;

    /// <summary>Values are names in the traces and hashes in the core.</summary>
    public static Digest Named(string name)
    {
        var digest = Digest.Of(name);
        Names.TryAdd(digest, name);
        return digest;
    }

    public static string Name(Digest? value) => value is { } v ? Names.GetValueOrDefault(v, v.ToString()[..8]) : "nil";

    public static string Text(this JsonElement e, string name) => e.GetProperty(name).GetString()!;

    public static int Number(this JsonElement e, string name) => e.GetProperty(name).GetInt32();

    public static bool Flag(this JsonElement e, string name) => e.TryGetProperty(name, out var flag) && flag.ValueKind is JsonValueKind.True;

    public static IEnumerable<JsonElement> Items(this JsonElement e, string name) =>
        e.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : [];

    public static Validators Weights(this JsonElement meta) =>
        new(meta.GetProperty("weights").EnumerateObject().Select(w => new Voter(w.Name, w.Value.GetInt64())));

    public static Step StepOf(string name) => name switch
    {
        "no" or "unstarted" => Step.New,
        "propose" => Step.Propose,
        "prevote" => Step.Prevote,
        "precommit" => Step.Precommit,
        "commit" => Step.Decided,
        _ => throw new InvalidDataException($"No step is called {name}."),
    };

    public static RoundState State(this JsonElement e) => new(
        e.Number("h"), e.Number("r"), StepOf(e.Text("step")), Polka(e, "lr", "lv"), Polka(e, "vr", "vv"));

    public static Vote Vote(this JsonElement e) =>
        new(e.Number("h"), e.Number("r"), StepOf(e.Text("t")), e.Value(), e.Text("from"), []);

    public static Proposal Proposal(this JsonElement e) =>
        new(e.Number("h"), e.Number("r"), e.Value()!.Value, e.Number("vr"), e.Text("from"), []);

    public static string Show(this RoundState s) => $"{s.Height}/{s.Round} {s.Step} locked {Show(s.Locked)} valid {Show(s.Valid)}";

    private static string Show(Polka? polka) => polka is { } p ? $"{Name(p.Value)}@{p.Round}" : "-";

    private static Polka? Polka(JsonElement e, string round, string value) => e.Value(value) is { } v ? new(e.Number(round), v) : null;

    public static string Repository()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "EventLedger.sln")))
        {
            directory = directory.Parent;
        }
        return directory?.FullName ?? throw new DirectoryNotFoundException("The tests run inside of the repository.");
    }
}
