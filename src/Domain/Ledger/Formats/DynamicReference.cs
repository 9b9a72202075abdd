namespace EventLedger.Domain.Ledger.Formats;

/// <summary>A <c>$dynamicRef</c> whose first target has a dynamic anchor of that name.</summary>
internal sealed record DynamicReference(string Anchor, SchemaNode Target);
