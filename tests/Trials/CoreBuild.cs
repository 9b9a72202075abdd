using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace EventLedger.Trials;

/// <summary>Compiles the validator in memory, its consensus core with one change, as the assembly that the trials refer to.</summary>
internal sealed class CoreBuild
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.Preview);
    private readonly List<MetadataReference> references;
    private readonly List<SyntaxTree> others;
    private readonly Dictionary<string, string> core;

    /// <summary>Reads the sources, and what the build of the product has made of its protocol files.</summary>
    public CoreBuild(string repository)
    {
        var validator = Path.Combine(repository, "src", "Validator");
        core = Directory.GetFiles(Path.Combine(validator, "Consensus"), "*.cs").ToDictionary(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText);
        string[] rooms = ["Gateway", "Network", "Node", "Storage"];
        var made = Path.Combine(validator, "obj", "Release", "net10.0");
        others = [.. rooms.SelectMany(room => Directory.GetFiles(Path.Combine(validator, room), "*.cs"))
            .Concat(Directory.GetFiles(validator, "*.cs"))
            .Concat(((string[])["Ledger.cs", "Peer.cs", "Wal.cs", "Validator.GlobalUsings.g.cs"]).Select(name => Path.Combine(made, name)))
            .Where(file => Path.GetFileName(file) != "ValidatorClient.cs")
            .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), Options, file))];
        references = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is not ("EventLedger.Validator.dll" or "EventLedger.Trials.dll"))
            .Select(path => MetadataReference.CreateFromFile(path))];
    }

    /// <summary>The first change that no longer fits the sources, or null.</summary>
    public string? Misfit(IEnumerable<Mutant> mutants) => mutants.Select(m => m.Misfit(core.GetValueOrDefault(m.File, ""))).FirstOrDefault(problem => problem is not null);

    /// <summary>Writes the assembly with one change, or with none; null when it is written, else the compiler's first complaint.</summary>
    public string? Write(Mutant? mutant, string path)
    {
        var trees = core.Select(s => CSharpSyntaxTree.ParseText(s.Key == mutant?.File ? mutant.Apply(s.Value) : s.Value, Options, s.Key)).Concat(others);
        var compilation = CSharpCompilation.Create("EventLedger.Validator", trees, references,
            new(OutputKind.ConsoleApplication, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable));
        return compilation.Emit(path).Diagnostics.FirstOrDefault(d => d.Severity == DiagnosticSeverity.Error)?.ToString();
    }
}
