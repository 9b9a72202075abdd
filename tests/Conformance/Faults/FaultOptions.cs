using System.Globalization;

namespace EventLedger.Conformance.Faults;

/// <summary>How long and from which seed: <c>./test faults [--minutes N] [--seed S] [--validators N]</c>, ten minutes as a rule.</summary>
/// <param name="Length">How long faults go on.</param>
/// <param name="Seed">What the schedule is drawn from.</param>
/// <param name="Validators">How many, from 4.</param>
/// <param name="IsLong">Whether the run was asked for at length: then it may claim the machine, and its times are held against the promises.</param>
internal sealed record FaultOptions(TimeSpan Length, int Seed, int Validators, bool IsLong)
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(12), Full = TimeSpan.FromMinutes(10);

    /// <summary>As the environment says.</summary>
    public static FaultOptions Read()
    {
        var words = (Environment.GetEnvironmentVariable("EVENTLEDGER_FAULTS") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var isLong = words.Length > 0;
        var options = new FaultOptions(isLong ? Full : Short, Random.Shared.Next(1, 1_000_000), 4, isLong);
        foreach (var pair in words.Where(word => word != "faults").Chunk(2))
        {
            options = pair switch
            {
                ["--minutes", var n] => options with { Length = TimeSpan.FromMinutes(int.Parse(n, CultureInfo.InvariantCulture)) },
                ["--seed", var n] => options with { Seed = int.Parse(n, CultureInfo.InvariantCulture) },
                ["--validators", var n] => options with { Validators = int.Parse(n, CultureInfo.InvariantCulture) },
                _ => throw new ArgumentException($"./test faults takes --minutes, --seed and --validators, each with a number, not '{string.Join(' ', pair)}'."),
            };
        }
        return options;
    }
}
