namespace EventLedger.Domain.Ledger.Formats;

/// <summary>The JSON types that a schema tells apart; an integer is a number whose value is whole.</summary>
[Flags]
internal enum JsonTypes
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Object = 4,
    Array = 8,
    Number = 16,
    String = 32,
    Integer = 64,
}
