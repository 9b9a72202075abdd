using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>Reads the trace files; EVENTLEDGER_TRACES names another directory than that of the repository.</summary>
internal static class Traces
{
    public static string Root { get; } = Environment.GetEnvironmentVariable("EVENTLEDGER_TRACES") is { Length: > 0 } named
        ? named
        : Path.Combine(Repository(), "tests", "vectors", "traces");

    public static TheoryData<string> Files(string set) =>
        [.. Directory.GetFiles(Path.Combine(Root, set), "*.json").Order(StringComparer.Ordinal).Select(file => Path.GetRelativePath(Root, file))];

    public static JsonElement Read(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Root, file)));
        return document.RootElement.Clone();
    }

    public static Digest? Value(this JsonElement e, string name = "v") =>
        e.TryGetProperty(name, out var v) && v.ValueKind == JsonValueKind.String ? Digest.Of(v.GetString()!) : null;

    public static string Text(this JsonElement e, string name) => e.GetProperty(name).GetString()!;

    public static int Number(this JsonElement e, string name) => e.GetProperty(name).GetInt32();

    public static bool Flag(this JsonElement e, string name) => e.TryGetProperty(name, out var flag) && flag.ValueKind is JsonValueKind.True;

    public static IEnumerable<JsonElement> Items(this JsonElement e, string name) =>
        e.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array ? items.EnumerateArray() : [];

    public static Step StepOf(string name) => name switch
    {
        "no" or "unstarted" => Step.New,
        "propose" => Step.Propose,
        "prevote" => Step.Prevote,
        "precommit" => Step.Precommit,
        "commit" => Step.Decided,
        _ => throw new InvalidDataException(name),
    };

    public static RoundState State(this JsonElement e) => new(
        e.Number("h"), e.Number("r"), StepOf(e.Text("step")), Polka(e, "lr", "lv"), Polka(e, "vr", "vv"));

    public static Vote Vote(this JsonElement e) =>
        new(e.Number("h"), e.Number("r"), StepOf(e.Text("t")), e.Value(), e.Text("from"), []);

    public static Proposal Proposal(this JsonElement e) =>
        new(e.Number("h"), e.Number("r"), e.Value()!.Value, e.Number("vr"), e.Text("from"), []);

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
