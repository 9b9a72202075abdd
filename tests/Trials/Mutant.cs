namespace EventLedger.Trials;

/// <summary>One way to break the core: a text of one file and what stands there instead.</summary>
/// <param name="File">Name of the file in src/Validator/Consensus, without ending.</param>
/// <param name="What">What breaks.</param>
/// <param name="Old">Text that stands in the file exactly once.</param>
/// <param name="New">Text instead.</param>
/// <param name="Reason">Why no trace and no simulation notices; null when one must.</param>
/// <param name="IsForUnitTests">The unit tests do notice.</param>
internal sealed record Mutant(string File, string What, string Old, string New, string? Reason, bool IsForUnitTests)
{
    public string Name => $"{File}: {What}";

    /// <summary>Reads the list; its form is told at its head.</summary>
    public static IReadOnlyList<Mutant> ReadAll(string path)
    {
        var mutants = new List<Mutant>();
        foreach (var line in System.IO.File.ReadLines(path))
        {
            var text = line.Length > 2 ? line[2..] : "";
            if (line.StartsWith('='))
            {
                var (file, what) = (text.Split(": ", 2)[0], text.Split(": ", 2)[1]);
                mutants.Add(new(file, what, "", "", null, false));
            }
            else if (mutants.Count > 0 && line is ['-' or '+' or '~' or '!', ..])
            {
                var last = mutants[^1];
                mutants[^1] = line[0] switch
                {
                    '-' => last with { Old = Append(last.Old, text) },
                    '+' => last with { New = Append(last.New, text) },
                    _ => last with { Reason = text, IsForUnitTests = line[0] == '!' },
                };
            }
        }
        return mutants;
    }

    /// <summary>The file's text with this change; throws <see cref="InvalidDataException"/> when it does not fit.</summary>
    public string Apply(string source) => Misfit(source) is { } problem ? throw new InvalidDataException(problem) : source.Replace(Old, New, StringComparison.Ordinal);

    /// <summary>Null when the old text stands in the source exactly once.</summary>
    public string? Misfit(string source)
    {
        var first = Old.Length > 0 ? source.IndexOf(Old, StringComparison.Ordinal) : -1;
        return first < 0 ? $"{Name}: the old text stands there no more."
            : source.IndexOf(Old, first + 1, StringComparison.Ordinal) >= 0 ? $"{Name}: the old text stands there more than once." : null;
    }

    private static string Append(string before, string line) => before.Length == 0 ? line : before + "\n" + line;
}
