using System.Globalization;
using System.Text;

namespace EventLedger.Trials;

/// <summary>What a run over many mutants says: who noticed how many, and why some are left.</summary>
internal sealed class MutantReport(IReadOnlyList<(Mutant Mutant, Verdict Verdict)> tried)
{
    private const double ShareMin = 0.95;
    private static readonly string[] Stages = MutantProcess.Stages;

    public int Count => tried.Count;

    /// <summary>Enough are noticed by traces and simulation, and exactly those that are not have a reason.</summary>
    public bool IsRight => tried.Count > 0 && Noticed >= ShareMin * tried.Count && !tried.Any(t => IsWrong(t.Mutant, t.Verdict));

    private int Noticed => tried.Count(t => !IsLeft(t.Verdict));

    /// <summary>For the screen.</summary>
    public string Summary()
    {
        var text = new StringBuilder();
        var by = string.Join(", ", Stages.Select(stage => $"{tried.Count(t => t.Verdict.Stage == stage)} by {stage}"));
        text.Append(CultureInfo.InvariantCulture, $"  {tried.Count} mutants: {by}, {tried.Count(t => t.Verdict.Stage is null)} survive; {Share(Noticed)} without the unit tests");
        foreach (var (mutant, _) in tried.Where(t => IsLeft(t.Verdict)))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {mutant.Name}: {mutant.Reason ?? "NO REASON IS KNOWN"}");
        }
        foreach (var (mutant, verdict) in tried.Where(t => t.Mutant.Reason is not null && IsWrong(t.Mutant, t.Verdict)))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n  {mutant.Name}: has a reason, and {verdict.Stage ?? "nothing"} notices it");
        }
        return text.ToString();
    }

    /// <summary>For the documents.</summary>
    public string Markdown()
    {
        var text = new StringBuilder();
        text.Append("| noticed first by | mutants | share | up to here |\n|---|---:|---:|---:|\n");
        var sum = 0;
        foreach (var stage in Stages)
        {
            var count = tried.Count(t => t.Verdict.Stage == stage);
            sum += count;
            text.Append(CultureInfo.InvariantCulture, $"| {stage} | {count} | {Share(count)} | {Share(sum)} |\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"| nobody | {tried.Count - sum} | {Share(tried.Count - sum)} | |\n\n");
        text.Append("| mutant | noticed by | why no trace and no simulation does |\n|---|---|---|\n");
        foreach (var (mutant, verdict) in tried.Where(t => IsLeft(t.Verdict)))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {mutant.Name} | {(verdict.Stage is null ? "nobody" : "unit tests")} | {mutant.Reason} |\n");
        }
        text.Append("\n| mutant | noticed by | what it saw |\n|---|---|---|\n");
        foreach (var (mutant, verdict) in tried.Where(t => !IsLeft(t.Verdict)))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {mutant.Name} | {verdict.Stage} | {Cell(verdict.Failure!)} |\n");
        }
        return text.ToString();
    }

    /// <summary>Whether it should be noticed by more.</summary>
    public static bool IsLeft(Verdict verdict) => verdict.Stage is null or MutantProcess.UnitTests;

    private static bool IsWrong(Mutant mutant, Verdict verdict) => mutant.Reason is null == IsLeft(verdict)
        || (mutant.IsForUnitTests && verdict.Stage is null);

    private static string Cell(string text) => text[..Math.Min(120, text.Length)].Replace("|", "\\|", StringComparison.Ordinal);

    private string Share(int count) => (100.0 * count / tried.Count).ToString("F1", CultureInfo.InvariantCulture) + " %";
}
