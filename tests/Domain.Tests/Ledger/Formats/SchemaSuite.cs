using System.Text.Json;

namespace EventLedger.Domain.Tests.Ledger.Formats;

/// <summary>The official test suite of JSON Schema 2020-12, as it lies in tests/vectors.</summary>
internal static class SchemaSuite
{
    public sealed record Case(string Description, JsonElement Data, bool Valid);

    public sealed record Group(string File, string Description, JsonElement Schema, IReadOnlyList<Case> Cases);

    /// <summary>What is refused on purpose: a schema that needs another document than itself.</summary>
    public static IReadOnlyDictionary<(string File, string Group), string> Refused { get; } = new Dictionary<(string, string), string>
    {
        [("ref.json", "remote ref, containing refs itself")] = "refers to the metaschema, a remote document",
        [("defs.json", "validate definition against metaschema")] = "refers to the metaschema, a remote document",
        [("dynamicRef.json", "strict-tree schema, guards against misspelled properties")] = "refers to tree.json, a remote document",
        [("dynamicRef.json", "tests for implementation dynamic anchor and reference link")] = "refers to extendible-dynamic-ref.json, a remote document",
        [("dynamicRef.json", "$ref and $dynamicAnchor are independent of order - $defs first")] = "refers to extendible-dynamic-ref.json, a remote document",
        [("dynamicRef.json", "$ref and $dynamicAnchor are independent of order - $ref first")] = "refers to extendible-dynamic-ref.json, a remote document",
        [("dynamicRef.json", "$ref to $dynamicRef finds detached $dynamicAnchor")] = "refers to detached-dynamicref.json, a remote document",
    };

    /// <summary>Whole files that are about what is refused: remote documents, and dialects of one's own.</summary>
    public static IReadOnlyList<string> RefusedFiles { get; } = ["refRemote.json", "vocabulary.json"];

    public static IEnumerable<string> Files { get; } = Directory.GetFiles(Folder(), "*.json").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);

    public static IEnumerable<Group> Read(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder(), file)));
        foreach (var group in document.RootElement.Clone().EnumerateArray())
        {
            yield return new(file, group.GetProperty("description").GetString()!, group.GetProperty("schema"),
                [.. group.GetProperty("tests").EnumerateArray().Select(t =>
                    new Case(t.GetProperty("description").GetString()!, t.GetProperty("data"), t.GetProperty("valid").GetBoolean()))]);
        }
    }

    private static string Folder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "EventLedger.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The tests run inside the repository.");
        }
        return Path.Combine(folder.FullName, "tests", "vectors", "json-schema-2020-12");
    }
}
