using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace EventLedger.Trials;

/// <summary>Compiles the consensus core alone, in memory, as the assembly that the trials refer to.</summary>
internal sealed class CoreBuild
{
    private const string Usings = "global using System; global using System.Collections.Generic; global using System.Linq;";
    private readonly Dictionary<string, string> sources;
    private readonly List<MetadataReference> references;

    public CoreBuild(string repository)
    {
        sources = Directory.GetFiles(Path.Combine(repository, "src", "Validator", "Consensus"), "*.cs")
            .ToDictionary(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText);
        references = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || name == "EventLedger.Domain.dll"))
            .Select(path => MetadataReference.CreateFromFile(path))];
    }

    /// <summary>Writes the assembly with one change, or with none; null when it is written, else the compiler's first complaint.</summary>
    public string? Write(Mutant? mutant, string path)
    {
        var options = new CSharpParseOptions(LanguageVersion.Preview);
        var trees = sources.Select(s => CSharpSyntaxTree.ParseText(s.Key == mutant?.File ? mutant.Apply(s.Value) : s.Value, options, s.Key))
            .Append(CSharpSyntaxTree.ParseText(Usings, options));
        var compilation = CSharpCompilation.Create("EventLedger.Validator", trees, references,
            new(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable));
        return compilation.Emit(path).Diagnostics.FirstOrDefault(d => d.Severity == DiagnosticSeverity.Error)?.ToString();
    }
}
