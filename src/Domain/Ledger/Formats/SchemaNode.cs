using System.Text.Json;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>One compiled schema. Nodes may refer to each other in cycles, so they are filled in after they are made.</summary>
internal sealed class SchemaNode(string pointer, SchemaResource resource)
{
    /// <summary>Words of marks kept on the stack: up to 512 members or items.</summary>
    public const int MarkWordsOnStack = 8;

    public string Pointer => pointer;

    public SchemaResource Resource => resource;

    /// <summary>Set for the schemas <c>true</c> and <c>false</c>.</summary>
    public bool? Always { get; set; }

    public TypeRule? Type { get; set; }

    public ValueRule? Values { get; set; }

    public NumberRule? Number { get; set; }

    public StringRule? Text { get; set; }

    public ArrayRule? Array { get; set; }

    public ObjectRule? Object { get; set; }

    public CombinatorRule? Combinators { get; set; }

    public SchemaNode? UnevaluatedItems { get; set; }

    public SchemaNode? UnevaluatedProperties { get; set; }

    /// <summary>Whether the instance holds.</summary>
    /// <param name="value">The instance.</param>
    /// <param name="e">The run.</param>
    /// <param name="marks">One bit per member or item of the instance, set here when this schema looked at it; empty when no schema around
    /// asks.</param>
    public bool Evaluate(JsonElement value, ref Evaluation e, scoped Span<ulong> marks)
    {
        if (Always is { } always)
        {
            return always || e.Fail("false", "Nothing is allowed here: remove it.");
        }
        var ok = e.TryEnter(this) && value.ValueKind switch
        {
            JsonValueKind.Object when UnevaluatedProperties is not null => EvaluateClosed(value, value.GetPropertyCount(), ref e, marks),
            JsonValueKind.Array when UnevaluatedItems is not null => EvaluateClosed(value, value.GetArrayLength(), ref e, marks),
            _ => EvaluateOpen(value, ref e, marks),
        };
        e.Leave();
        return ok;
    }

    private bool EvaluateOpen(JsonElement value, ref Evaluation e, scoped Span<ulong> marks)
    {
        var ok = Type is null || Type.Evaluate(value, ref e);
        if (!ok)
        {
            // Of a value of the wrong type nothing else is worth saying.
            return false;
        }
        ok = Values is null || Values.Evaluate(value, ref e);
        if (ok || !e.StopsAtFirst)
        {
            ok &= value.ValueKind switch
            {
                JsonValueKind.Number => Number is null || Number.Evaluate(value, ref e),
                JsonValueKind.String => Text is null || Text.Evaluate(value, ref e),
                JsonValueKind.Array => Array is null || Array.Evaluate(value, ref e, marks),
                JsonValueKind.Object => Object is null || Object.Evaluate(value, ref e, marks),
                _ => true,
            };
        }
        if (Combinators is not null && (ok || !e.StopsAtFirst))
        {
            ok &= Combinators.Evaluate(value, ref e, marks);
        }
        return ok;
    }

    // "unevaluated" looks at what no other keyword of this schema, and no schema applied by it in place, has looked at.
    private bool EvaluateClosed(JsonElement value, int count, ref Evaluation e, scoped Span<ulong> marks)
    {
        var words = Marks.Words(count);
        Span<ulong> own = words <= MarkWordsOnStack ? stackalloc ulong[MarkWordsOnStack] : new ulong[words];
        own.Clear();
        if (!EvaluateOpen(value, ref e, own))
        {
            return false;
        }
        var ok = value.ValueKind == JsonValueKind.Object
            ? UnevaluatedMembersHold(value, ref e, own)
            : UnevaluatedItemsHold(value, ref e, own);
        Marks.SetAll(marks);
        return ok;
    }

    private bool UnevaluatedMembersHold(JsonElement value, ref Evaluation e, scoped Span<ulong> own)
    {
        var ok = true;
        var index = 0;
        foreach (var member in value.EnumerateObject())
        {
            if (!Marks.Has(own, index++) && !e.Ignores(Evaluation.Name(member)))
            {
                e.Descend(member);
                ok &= UnevaluatedProperties!.Always == false
                    ? e.Fail("unevaluatedProperties", "Is not a known member here: remove it or correct its name.")
                    : UnevaluatedProperties.Evaluate(member.Value, ref e, []);
                e.Ascend();
                if (!ok && e.StopsAtFirst)
                {
                    return false;
                }
            }
        }
        return ok;
    }

    private bool UnevaluatedItemsHold(JsonElement value, ref Evaluation e, scoped Span<ulong> own)
    {
        var ok = true;
        var index = -1;
        foreach (var item in value.EnumerateArray())
        {
            if (!Marks.Has(own, ++index))
            {
                e.Descend(index);
                ok &= UnevaluatedItems!.Always == false
                    ? e.Fail("unevaluatedItems", "Is one item too many: remove it.")
                    : UnevaluatedItems.Evaluate(item, ref e, []);
                e.Ascend();
                if (!ok && e.StopsAtFirst)
                {
                    return false;
                }
            }
        }
        return ok;
    }
}
