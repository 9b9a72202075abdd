using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>A JSON Schema of draft 2020-12, compiled once and safe to share between threads.</summary>
/// <remarks>
/// Pure: numbers are compared as written, patterns run in linear time, and a run that grows beyond its bounds answers invalid, in every process
/// alike.
/// <c>content…</c> keywords are annotations. An instance must come from <see cref="Kernel.Jcs.TryParse"/>, which refuses text that is not Unicode.
/// Source: JSON Schema Core and Validation 2020-12.
/// </remarks>
public sealed class JsonSchema
{
    private readonly SchemaNode root;
    private readonly bool isDynamic;

    private JsonSchema(SchemaNode root, bool isDynamic) => (this.root, this.isDynamic) = (root, isDynamic);

    /// <summary>Compiles a schema, or says why not; what could not be checked is refused, never ignored.</summary>
    /// <param name="schema">The schema document.</param>
    /// <param name="assertsFormats">
    /// Whether <c>format</c> constrains (date, date-time, email, uri, uuid; others are refused) or is an annotation, as the draft has it by default.
    /// </param>
    /// <param name="compiled">Null when refused.</param>
    /// <param name="problem">
    /// Null when compiled. Codes: schema-type, schema-too-large, keyword-unknown, keyword-type, keyword-twice, dialect-unknown, id-invalid, id-twice,
    /// anchor-invalid, reference-remote, reference-unknown, reference-loop, pattern-unsupported, format-unsupported.
    /// </param>
    public static bool TryCompile(
        JsonElement schema, bool assertsFormats, [NotNullWhen(true)] out JsonSchema? compiled, [NotNullWhen(false)] out SchemaProblem? problem)
    {
        try
        {
            var compiler = new SchemaCompiler(new(schema.Clone()), assertsFormats);
            compiled = new(compiler.Compile(), compiler.IsDynamic);
            problem = null;
            return true;
        }
        catch (SchemaRefusal refusal)
        {
            compiled = null;
            problem = refusal.Problem;
            return false;
        }
    }

    /// <summary>As the longer form, with <c>format</c> as an annotation.</summary>
    public static bool TryCompile(
        JsonElement schema, [NotNullWhen(true)] out JsonSchema? compiled, [NotNullWhen(false)] out SchemaProblem? problem) =>
        TryCompile(schema, assertsFormats: false, out compiled, out problem);

    /// <summary>Whether the instance holds; stops at the first failure and allocates next to nothing.</summary>
    public bool IsValid(JsonElement instance) => IsValid(instance, null);

    /// <summary>Every way in which the instance breaks the schema; empty when it holds.</summary>
    /// <param name="instance">The value to check.</param>
    /// <param name="errorsMax">Most errors listed: 1 or more.</param>
    public IReadOnlyList<SchemaError> Validate(JsonElement instance, int errorsMax = 100) => Validate(instance, errorsMax, null);

    /// <summary>As <see cref="IsValid(JsonElement)"/>, as if the named members of the instance's root were not there.</summary>
    internal bool IsValid(JsonElement instance, NameTable? ignored)
    {
        var run = new Evaluation(ignored, isDynamic, 0);
        return root.Evaluate(instance, ref run, []) && !run.IsExhausted;
    }

    /// <summary>As <see cref="Validate(JsonElement, int)"/>, as if the named members of the instance's root were not there.</summary>
    internal IReadOnlyList<SchemaError> Validate(JsonElement instance, int errorsMax, NameTable? ignored)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(errorsMax, 1);
        var run = new Evaluation(ignored, isDynamic, errorsMax);
        root.Evaluate(instance, ref run, []);
        return run.Errors;
    }
}
