namespace EventLedger.Validator.Tests.Consensus;

/// <summary>One place where the core and the trace are not of one mind.</summary>
internal sealed record Difference(string File, string Step, string Expected, string Got)
{
    public override string ToString() => $"{File}, {Step}\n      expected {Expected}\n      got      {Got}";
}

/// <summary>The replay of one file: what was fed, what was compared, what differs.</summary>
internal sealed class TraceRun(string kind, string file)
{
    private readonly List<Difference> differences = [];

    public string Kind => kind;

    public string File => file;

    /// <summary>A file may hold several traces.</summary>
    public int Traces { get; private set; }

    public int Steps { get; private set; }

    /// <summary>Steps held against the trace; the others are marked in it as not strict.</summary>
    public int Compared { get; private set; }

    public IReadOnlyList<Difference> Differences => differences;

    public void Begin() => Traces++;

    public void Skip(int steps = 1) => Steps += steps;

    /// <summary>Counts a step and holds it against the trace; false when it differs.</summary>
    public bool Same(string step, string expected, string got)
    {
        (Steps, Compared) = (Steps + 1, Compared + 1);
        return Holds(step, expected, got);
    }

    /// <summary>A property of a step or a whole trace that is no step by itself.</summary>
    public bool Holds(string step, string expected, string got)
    {
        if (expected != got)
        {
            differences.Add(new(file, step, expected, got));
        }
        return expected == got;
    }
}
