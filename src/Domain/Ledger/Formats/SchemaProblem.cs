namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Why a schema or a format is refused at registration.</summary>
/// <param name="Code">Machine word, kebab case: see <see cref="JsonSchema"/> and <see cref="RecordFormat.TryParse"/>.</param>
/// <param name="Pointer">Where, as a JSON pointer into the document; empty for the document itself. Source: RFC 6901.</param>
/// <param name="Text">What is wrong and how to mend it.</param>
public sealed record SchemaProblem(string Code, string Pointer, string Text);
