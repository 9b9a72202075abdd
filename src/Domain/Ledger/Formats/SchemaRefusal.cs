namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Carries a problem out of the compiler's recursion; it never leaves <see cref="JsonSchema"/>.</summary>
internal sealed class SchemaRefusal(SchemaProblem problem) : Exception(problem.Text)
{
    public SchemaRefusal(string code, string pointer, string text) : this(new(code, pointer, text))
    {
    }

    public SchemaProblem Problem => problem;
}
