namespace EventLedger.Domain.Ledger.Formats;

/// <summary>The members of a format apart from its schema.</summary>
internal sealed record FormatFields(
    string Id,
    int Version,
    string Title,
    IReadOnlyDictionary<string, FieldClass> Classes,
    IReadOnlyList<string> Key,
    bool HasLifecycle,
    IReadOnlyList<string>? Sources,
    IReadOnlyList<string>? Metadata,
    Upcast? Upcast);
