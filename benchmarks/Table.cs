using System.Globalization;

namespace EventLedger.Bench;

/// <summary>Figures of several rounds, printed as median and best, with the ratio to a floor of the same rounds.</summary>
internal sealed class Table(string title, string unit)
{
    private readonly List<(string Name, List<double> Rounds, string? Floor, double? Target)> rows = [];

    /// <summary>Notes one round of one line.</summary>
    public void Add(string name, double figure, string? floor = null, double? target = null)
    {
        var row = rows.Find(r => r.Name == name);
        if (row.Rounds is null)
        {
            rows.Add(row = (name, [], floor, target));
        }
        row.Rounds.Add(figure);
    }

    public void Print()
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{title} ({unit}; {rows[0].Rounds.Count} rounds)"));
        Console.WriteLine($"{"",-34} {"median",10} {"best",10}   {"ratio",6} {"best",6} {"target",6}");
        foreach (var (name, rounds, floor, target) in rows)
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"{name,-34} {Median(rounds),10:N0} {rounds.Max(),10:N0}");
            if (floor is not null)
            {
                // Each round has its own floor: neighbours in time share the machine's mood.
                var ratios = rounds.Zip(rows.Find(r => r.Name == floor).Rounds, (mine, its) => mine / its).ToList();
                line += string.Create(CultureInfo.InvariantCulture, $"   {Median(ratios),6:N2} {ratios.Max(),6:N2} {target,6:N2}");
            }
            Console.WriteLine(line);
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
