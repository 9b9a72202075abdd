namespace EventLedger.Conformance.Faults;

/// <summary>Something that goes wrong and is put right again.</summary>
/// <param name="Kind">What it is, in words.</param>
/// <param name="Victims">Which validators it takes away, counted from 1; none when it is the host's or the database's.</param>
/// <param name="Strike">Makes it happen.</param>
/// <param name="Heal">Ends it: when it returns, nothing stands in the way any more.</param>
internal sealed record Fault(string Kind, IReadOnlyList<int> Victims, Func<Task> Strike, Func<Task> Heal)
{
    /// <summary>Whether nothing can be sealed while it lasts.</summary>
    public bool Halts { get; init; }

    public override string ToString() => Victims.Count == 0 ? Kind : $"{Kind} {string.Join("+", Victims)}";
}
