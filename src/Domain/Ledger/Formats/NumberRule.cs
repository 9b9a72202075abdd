using System.Text.Json;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Keywords for numbers, compared exactly. Source: JSON Schema Validation 2020-12, 6.2.</summary>
internal sealed class NumberRule
{
    public NumberLimit? MultipleOf { get; set; }

    public NumberLimit? Maximum { get; set; }

    public NumberLimit? ExclusiveMaximum { get; set; }

    public NumberLimit? Minimum { get; set; }

    public NumberLimit? ExclusiveMinimum { get; set; }

    public bool Evaluate(JsonElement value, ref Evaluation e)
    {
        var ok = Minimum is null || Minimum.Compare(value) >= 0 || e.Fail("minimum", "Must be at least {0}.", Minimum.Text);
        ok &= Maximum is null || Maximum.Compare(value) <= 0 || e.Fail("maximum", "Must be at most {0}.", Maximum.Text);
        ok &= ExclusiveMinimum is null || ExclusiveMinimum.Compare(value) > 0
            || e.Fail("exclusiveMinimum", "Must be more than {0}.", ExclusiveMinimum.Text);
        ok &= ExclusiveMaximum is null || ExclusiveMaximum.Compare(value) < 0
            || e.Fail("exclusiveMaximum", "Must be less than {0}.", ExclusiveMaximum.Text);
        return ok & (MultipleOf is null || MultipleOf.Divides(value) || e.Fail("multipleOf", "Must be a multiple of {0}.", MultipleOf.Text));
    }
}
