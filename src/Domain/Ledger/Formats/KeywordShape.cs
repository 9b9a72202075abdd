namespace EventLedger.Domain.Ledger.Formats;

/// <summary>What a keyword holds, so that one walk finds every schema in a document.</summary>
internal enum KeywordShape
{
    Plain,
    Schema,
    SchemaList,
    SchemaByName,
}
