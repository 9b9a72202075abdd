using System.Text.Json;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Keywords for arrays. Source: JSON Schema Core 2020-12, 10.3.1; Validation 2020-12, 6.4.</summary>
internal sealed class ArrayRule
{
    /// <summary>Up to so many items, comparing each with each is quicker than hashing.</summary>
    private const int PairsMax = 8;

    public SchemaNode[] Prefix { get; set; } = [];

    public SchemaNode? Items { get; set; }

    public SchemaNode? Contains { get; set; }

    public long ContainsMin { get; set; } = 1;

    public long ContainsMax { get; set; } = long.MaxValue;

    public long CountMin { get; set; }

    public long CountMax { get; set; } = long.MaxValue;

    public bool Unique { get; set; }

    public bool Evaluate(JsonElement value, ref Evaluation e, scoped Span<ulong> marks)
    {
        var count = value.GetArrayLength();
        var ok = count >= CountMin || e.Fail("minItems", "Has {0} items; at least {1} are needed.", count, CountMin);
        ok &= count <= CountMax || e.Fail("maxItems", "Has {0} items; at most {1} are allowed.", count, CountMax);
        if (ok || !e.StopsAtFirst)
        {
            ok &= ItemsHold(value, ref e, marks);
        }
        if (Contains is not null && (ok || !e.StopsAtFirst))
        {
            ok &= ContainsHolds(value, ref e, marks);
        }
        return ok && (!Unique || AreUnique(value, count, ref e) || e.Fail("uniqueItems", "Holds an item twice: remove one of them."));
    }

    private bool ItemsHold(JsonElement value, ref Evaluation e, scoped Span<ulong> marks)
    {
        if (Prefix.Length == 0 && Items is null)
        {
            return true;
        }
        var ok = true;
        var index = -1;
        foreach (var item in value.EnumerateArray())
        {
            var node = ++index < Prefix.Length ? Prefix[index] : Items;
            if (node is null)
            {
                break;
            }
            e.Descend(index);
            ok &= node.Evaluate(item, ref e, []);
            e.Ascend();
            if (!ok && e.StopsAtFirst)
            {
                return false;
            }
            Marks.Set(marks, index);
        }
        return ok;
    }

    private bool ContainsHolds(JsonElement value, ref Evaluation e, scoped Span<ulong> marks)
    {
        var found = 0L;
        var index = 0;
        e.Mute();
        foreach (var item in value.EnumerateArray())
        {
            e.Descend(index);
            if (Contains!.Evaluate(item, ref e, []))
            {
                found++;
                Marks.Set(marks, index);
            }
            e.Ascend();
            index++;
        }
        e.Unmute();
        var ok = found >= ContainsMin
            || e.Fail(ContainsMin == 1 ? "contains" : "minContains",
                "{0} items fit what the array must contain; at least {1} must.", found, ContainsMin);
        return ok & (found <= ContainsMax || e.Fail("maxContains",
            "{0} items fit what the array must contain; at most {1} may.", found, ContainsMax));
    }

    private static bool AreUnique(JsonElement value, int count, ref Evaluation e)
    {
        var seen = count > PairsMax ? new Dictionary<ulong, List<JsonElement>>(count) : null;
        List<JsonElement>? few = null;
        foreach (var item in value.EnumerateArray())
        {
            var others = few ??= [];
            if (seen is not null)
            {
                e.Charge(1);
                var hash = JsonEquality.Hash(item);
                others = seen.TryGetValue(hash, out var same) ? same : seen[hash] = [];
            }
            foreach (var other in others)
            {
                if (e.IsExhausted || JsonEquality.AreEqual(item, other, ref e))
                {
                    return false;
                }
            }
            others.Add(item);
        }
        return true;
    }
}
