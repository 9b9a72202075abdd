using System.Text.Json;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Keywords that apply other schemas to the same instance. Source: JSON Schema Core 2020-12, 8.2.3 and 10.2.</summary>
internal sealed class CombinatorRule
{
    public SchemaNode? Reference { get; set; }

    public SchemaNode? StaticTarget { get; set; }

    public DynamicReference? Dynamic { get; set; }

    public SchemaNode[] AllOf { get; set; } = [];

    public SchemaNode[] AnyOf { get; set; } = [];

    public SchemaNode[] OneOf { get; set; } = [];

    public SchemaNode? Not { get; set; }

    public SchemaNode? If { get; set; }

    public SchemaNode? Then { get; set; }

    public SchemaNode? Else { get; set; }

    /// <summary>The schemas that may be applied in place, dynamic ones apart.</summary>
    public IEnumerable<SchemaNode> Applied =>
        new[] { Reference, StaticTarget, Not, If, Then, Else }.OfType<SchemaNode>().Concat(AllOf).Concat(AnyOf).Concat(OneOf);

    public bool Evaluate(JsonElement value, ref Evaluation e, scoped Span<ulong> marks)
    {
        var ok = Reference is null || Reference.Evaluate(value, ref e, marks);
        ok &= StaticTarget is null || StaticTarget.Evaluate(value, ref e, marks);
        ok &= Dynamic is null || e.Resolve(Dynamic).Evaluate(value, ref e, marks);
        foreach (var node in AllOf)
        {
            if (!ok && e.StopsAtFirst)
            {
                return false;
            }
            ok &= node.Evaluate(value, ref e, marks);
        }
        if (Not is not null)
        {
            ok &= !Holds(Not, value, ref e, []) || e.Fail("not", "Is just what is not allowed here: change it.");
        }
        if (AnyOf.Length > 0)
        {
            ok &= CountHolding(AnyOf, value, ref e, marks) > 0 || e.Fail("anyOf", "Fits none of the {0} allowed forms.", AnyOf.Length);
        }
        if (OneOf.Length > 0)
        {
            var count = CountHolding(OneOf, value, ref e, marks);
            ok &= count == 1 || e.Fail("oneOf", "Fits {0} of the {1} allowed forms; it must fit exactly one.", count, OneOf.Length);
        }
        if (If is not null && (ok || !e.StopsAtFirst))
        {
            var next = CountHolding([If], value, ref e, marks) > 0 ? Then : Else;
            ok &= next is null || next.Evaluate(value, ref e, marks);
        }
        return ok;
    }

    // What a branch that does not hold has looked at does not count, so each branch marks a copy of its own.
    private static int CountHolding(ReadOnlySpan<SchemaNode> nodes, JsonElement value, ref Evaluation e, scoped Span<ulong> marks)
    {
        Span<ulong> trial = marks.Length <= SchemaNode.MarkWordsOnStack ? stackalloc ulong[SchemaNode.MarkWordsOnStack] : new ulong[marks.Length];
        trial = trial[..marks.Length];
        var count = 0;
        foreach (var node in nodes)
        {
            trial.Clear();
            if (Holds(node, value, ref e, trial))
            {
                count++;
                Marks.Merge(marks, trial);
            }
        }
        return count;
    }

    private static bool Holds(SchemaNode node, JsonElement value, ref Evaluation e, scoped Span<ulong> marks)
    {
        e.Mute();
        var ok = node.Evaluate(value, ref e, marks);
        e.Unmute();
        return ok;
    }
}
