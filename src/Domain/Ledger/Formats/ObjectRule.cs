using System.Runtime.InteropServices;
using System.Text.Json;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>Keywords for objects, checked in one pass over the members. Source: JSON Schema Core 2020-12, 10.3.2; Validation 2020-12, 6.5.</summary>
/// <param name="names">Every member name that a keyword of this schema speaks of.</param>
internal sealed class ObjectRule(NameTable names)
{
    private const int SeenWordsOnStack = 4;

    /// <summary>By number of the name; null where only another keyword speaks of it.</summary>
    public SchemaNode?[] Properties { get; set; } = new SchemaNode?[names.Count];

    public (SchemaPattern Pattern, SchemaNode Node)[] Patterns { get; set; } = [];

    public SchemaNode? Additional { get; set; }

    public SchemaNode? Name { get; set; }

    public int[] Required { get; set; } = [];

    public (int Present, int[] Needed)[] DependentRequired { get; set; } = [];

    public (int Present, SchemaNode Node)[] DependentSchemas { get; set; } = [];

    public long CountMin { get; set; }

    public long CountMax { get; set; } = long.MaxValue;

    public bool Evaluate(JsonElement value, ref Evaluation e, scoped Span<ulong> marks)
    {
        var words = Marks.Words(names.Count);
        Span<ulong> seen = words <= SeenWordsOnStack ? stackalloc ulong[SeenWordsOnStack] : new ulong[words];
        seen.Clear();
        var ok = MembersHold(value, ref e, marks, seen, out var count);
        if (!ok && e.StopsAtFirst)
        {
            return false;
        }
        ok &= count >= CountMin || e.Fail("minProperties", "Has {0} members; at least {1} are needed.", count, CountMin);
        ok &= count <= CountMax || e.Fail("maxProperties", "Has {0} members; at most {1} are allowed.", count, CountMax);
        foreach (var name in Required)
        {
            ok &= Marks.Has(seen, name) || e.Fail("required", "Lacks the member \"{0}\": add it.", names[name]);
        }
        return ok & DependenciesHold(value, ref e, marks, seen);
    }

    private bool MembersHold(JsonElement value, ref Evaluation e, scoped Span<ulong> marks, scoped Span<ulong> seen, out int count)
    {
        var ok = true;
        var index = -1;
        count = 0;
        e.Charge(value.GetPropertyCount());
        foreach (var member in value.EnumerateObject())
        {
            index++;
            var name = Evaluation.Name(member);
            if (e.Ignores(name))
            {
                continue;
            }
            count++;
            var known = names.Find(name);
            if (known >= 0)
            {
                Marks.Set(seen, known);
            }
            e.Descend(member);
            ok &= MemberHolds(member, name, known < 0 ? null : Properties[known], ref e, out var looked);
            e.Ascend();
            if (!ok && e.StopsAtFirst)
            {
                return false;
            }
            if (looked)
            {
                Marks.Set(marks, index);
            }
        }
        return ok;
    }

    private bool MemberHolds(in JsonProperty member, ReadOnlySpan<byte> name, SchemaNode? node, ref Evaluation e, out bool looked)
    {
        var ok = node is null || node.Evaluate(member.Value, ref e, []);
        looked = node is not null;
        foreach (var (pattern, schema) in Patterns)
        {
            if (pattern.IsMatch(name, ref e))
            {
                looked = true;
                ok &= schema.Evaluate(member.Value, ref e, []);
            }
        }
        if (!looked && Additional is not null)
        {
            looked = true;
            ok &= Additional.Always == false
                ? e.Fail("additionalProperties", "Is not a known member here: remove it or correct its name.")
                : Additional.Evaluate(member.Value, ref e, []);
        }
        return ok && (Name is null || NameHolds(member, Name, ref e));
    }

    // A schema takes JSON values, so the name becomes one; its raw text is already escaped as JSON needs it.
    private static bool NameHolds(in JsonProperty member, SchemaNode node, ref Evaluation e)
    {
        byte[] quoted = [(byte)'"', .. JsonMarshal.GetRawUtf8PropertyName(member), (byte)'"'];
        using var name = JsonDocument.Parse(quoted);
        e.Mute();
        var ok = node.Evaluate(name.RootElement, ref e, []);
        e.Unmute();
        return ok || e.Fail("propertyNames", "Has a name that is not allowed here: correct the name.");
    }

    private bool DependenciesHold(JsonElement value, ref Evaluation e, scoped Span<ulong> marks, scoped Span<ulong> seen)
    {
        var ok = true;
        foreach (var (present, needed) in DependentRequired)
        {
            foreach (var name in Marks.Has(seen, present) ? needed : [])
            {
                ok &= Marks.Has(seen, name) || e.Fail("dependentRequired", "Lacks the member {0}: add it.",
                    $"\"{names[name]}\", which \"{names[present]}\" needs");
            }
        }
        foreach (var (present, node) in DependentSchemas)
        {
            ok &= !Marks.Has(seen, present) || node.Evaluate(value, ref e, marks);
        }
        return ok;
    }
}
