using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace EventLedger.Domain.Ledger.Formats;

/// <summary>One run of a schema over one instance: its bounds, where it stands, and what it found. Passed by reference, so that a valid run
/// allocates nothing.</summary>
internal struct Evaluation
{
    /// <summary>Most steps of one run (a step is one schema, member or comparison). Schemas can ask for work exponential in their size.</summary>
    private const long StepsMax = 1_000_000;

    /// <summary>Deepest nesting of schemas in one run, so that the stack holds.</summary>
    private const int DepthMax = 512;

    private readonly List<SchemaError>? errors;
    private readonly int errorsMax;
    private readonly List<string>? path;
    private readonly List<SchemaResource>? scope;
    private readonly NameTable? ignored;
    private long steps;
    private int depth;
    private int muted;

    public Evaluation(NameTable? ignored, bool isDynamic, int errorsMax)
    {
        this.ignored = ignored;
        this.errorsMax = errorsMax;
        errors = errorsMax > 0 ? [] : null;
        path = errorsMax > 0 ? [] : null;
        scope = isDynamic ? [] : null;
    }

    /// <summary>The run hit a bound; whatever it answers then counts as invalid.</summary>
    public bool IsExhausted { get; private set; }

    /// <summary>How deep in the instance: 0 at its root.</summary>
    public int InstanceDepth { get; private set; }

    public readonly IReadOnlyList<SchemaError> Errors => errors ?? [];

    private readonly bool Collects => errors is not null && muted == 0 && !IsExhausted && errors.Count < errorsMax;

    /// <summary>Whether one failure is enough to stop.</summary>
    public readonly bool StopsAtFirst => !Collects;

    public bool TryEnter(SchemaNode node)
    {
        if (++depth > DepthMax)
        {
            Exhaust("Nested too deeply to be checked: flatten the value or the schema.");
        }
        Charge(1);
        scope?.Add(node.Resource);
        return !IsExhausted;
    }

    public void Leave()
    {
        depth--;
        scope?.RemoveAt(scope.Count - 1);
    }

    public void Charge(long count)
    {
        steps += count;
        if (steps > StepsMax)
        {
            Exhaust("Too much work to check against this schema: split the value or simplify the schema.");
        }
    }

    /// <summary>Goes one level down. The name is made only when errors need it.</summary>
    public void Descend(in JsonProperty member)
    {
        InstanceDepth++;
        if (Collects)
        {
            path!.Add(member.Name);
        }
        else
        {
            path?.Add("");
        }
    }

    public void Descend(int index)
    {
        InstanceDepth++;
        path?.Add(Collects ? index.ToString(CultureInfo.InvariantCulture) : "");
    }

    public void Ascend()
    {
        InstanceDepth--;
        path?.RemoveAt(path.Count - 1);
    }

    /// <summary>Between these two calls failures are an answer, not an error: a branch that need not hold.</summary>
    public void Mute() => muted++;

    public void Unmute() => muted--;

    /// <summary>Whether this member of the root belongs to the envelope, which the schema does not see.</summary>
    public readonly bool Ignores(ReadOnlySpan<byte> name) => ignored is not null && InstanceDepth == 0 && ignored.Find(name) >= 0;

    /// <summary>The UTF-8 name of a member without making a string, unless it is escaped.</summary>
    public static ReadOnlySpan<byte> Name(in JsonProperty member)
    {
        var raw = JsonMarshal.GetRawUtf8PropertyName(member);
        return raw.Contains((byte)'\\') ? Encoding.UTF8.GetBytes(member.Name) : raw;
    }

    /// <summary>Where a dynamic reference leads: to the outermost resource entered that has such an anchor.</summary>
    public readonly SchemaNode Resolve(DynamicReference reference)
    {
        foreach (var resource in scope!)
        {
            if (resource.DynamicNodes.TryGetValue(reference.Anchor, out var node))
            {
                return node;
            }
        }
        return reference.Target;
    }

    /// <summary>Notes an error and answers false; the text is built only when somebody reads it.</summary>
    public readonly bool Fail(string keyword, string text, long first = 0, long second = 0) =>
        Note(keyword, Collects ? string.Format(CultureInfo.InvariantCulture, text, first, second) : "");

    public readonly bool Fail(string keyword, string text, string detail) =>
        Note(keyword, Collects ? string.Format(CultureInfo.InvariantCulture, text, detail) : "");

    private readonly bool Note(string keyword, string text)
    {
        if (Collects)
        {
            errors!.Add(new(path!.Aggregate("", SchemaPointer.Join), keyword, text));
        }
        return false;
    }

    private void Exhaust(string text)
    {
        if (!IsExhausted)
        {
            IsExhausted = true;
            errors?.Insert(0, new(path!.Aggregate("", SchemaPointer.Join), "limit", text));
        }
    }
}
