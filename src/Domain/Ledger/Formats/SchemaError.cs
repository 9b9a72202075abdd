namespace EventLedger.Domain.Ledger.Formats;

/// <summary>One way in which an instance breaks its schema.</summary>
/// <param name="Pointer">Where in the instance, as a JSON pointer; empty for the instance itself. Source: RFC 6901.</param>
/// <param name="Keyword">The keyword that is broken; <c>limit</c> when the check itself grew too large.</param>
/// <param name="Text">What is wrong and what would be right. It names limits, never the value, which may be personal.</param>
public sealed record SchemaError(string Pointer, string Keyword, string Text);
