using System.Globalization;

namespace EventLedger.Trials;

/// <summary>What the last run said of each mutant, kept in artifacts, so that a run can go on where it was stopped.</summary>
internal sealed class MutantResults(string repository)
{
    private readonly string lines = Path.Combine(repository, "artifacts", "mutants.tsv");

    /// <summary>What is known of these; a mutant that has not been tried yet is left out.</summary>
    public IReadOnlyList<KeyValuePair<Mutant, Verdict>> Read(IEnumerable<Mutant> mutants)
    {
        var known = File.Exists(lines) ? File.ReadAllLines(lines).Select(line => line.Split('\t')).ToDictionary(f => f[0], StringComparer.Ordinal) : [];
        return [.. mutants.Where(m => known.ContainsKey(m.Name)).Select(m => known[m.Name] switch
        {
            [_, var stage, var seconds, var failure] => new KeyValuePair<Mutant, Verdict>(m,
                new(stage is "" ? null : stage, stage is "" ? null : failure, TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)))),
            _ => throw new InvalidDataException($"{lines} is damaged; run without --from."),
        })];
    }

    /// <summary>A run begins; what it took over stays.</summary>
    public void Begin(IEnumerable<KeyValuePair<Mutant, Verdict>> before)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(lines)!);
        File.WriteAllLines(lines, before.Select(b => Line(b.Key, b.Value)));
    }

    public void Add(Mutant mutant, Verdict verdict) => File.AppendAllLines(lines, [Line(mutant, verdict)]);

    /// <summary>Writes the report of a whole run; where.</summary>
    public string Write(MutantReport report)
    {
        var path = Path.ChangeExtension(lines, ".md");
        File.WriteAllText(path, report.Markdown());
        return path;
    }

    private static string Line(Mutant mutant, Verdict verdict) => string.Create(CultureInfo.InvariantCulture,
        $"{mutant.Name}\t{verdict.Stage}\t{verdict.Time.TotalSeconds:F1}\t{verdict.Failure?.Replace('\t', ' ')}");
}
