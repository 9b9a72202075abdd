namespace EventLedger.Api.V2M.Live;

/// <summary>What a subscriber wants to see. Null and empty lists let everything through.</summary>
/// <param name="Kinds">Words of <see cref="LiveKind"/>.</param>
/// <param name="Sources">Sources' URIs or people's pseudonyms, as entries name their actor; blocks and health always pass.</param>
/// <param name="Types">Event types; blocks and health always pass.</param>
/// <param name="Entries">Whether each entry comes whole, in the bytes that its leaf hash covers.</param>
public sealed record LiveFilter(IReadOnlyList<string>? Kinds = null, IReadOnlyList<string>? Sources = null, IReadOnlyList<string>? Types = null, bool Entries = false)
{
    private const int NamesMax = 100;

    /// <summary>What is wrong with it, for the person who wrote it; null when it can be used.</summary>
    public string? Problem => this switch
    {
        _ when Kinds?.FirstOrDefault(k => !LiveKind.All.Contains(k)) is { } unknown => $"There is no kind '{unknown}'. Kinds are: {string.Join(", ", LiveKind.All)}.",
        { Kinds.Count: > NamesMax } or { Sources.Count: > NamesMax } or { Types.Count: > NamesMax } => $"A filter names at most {NamesMax} kinds, sources and types each.",
        _ => null,
    };

    /// <summary>Whether an item passes.</summary>
    public bool Passes(LiveItem item) => In(Kinds, item.Kind) && (item.Type is null || (In(Types, item.Type) && In(Sources, item.Actor!)));

    private static bool In(IReadOnlyList<string>? names, string name) => names is not { Count: > 0 } || names.Contains(name);
}
