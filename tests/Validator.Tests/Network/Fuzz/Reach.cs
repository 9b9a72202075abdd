using System.Collections.Concurrent;
using System.Reflection;

namespace EventLedger.Validator.Tests.Network.Fuzz;

/// <summary>
/// How much memory an object keeps from being freed. The heap as a whole tells nothing where other tests run beside this one; a walk over the fields does,
/// and sees what a small slice keeps of a large array too.
/// </summary>
internal static class Reach
{
    private const int HeadBytes = 16, WordBytes = 8;
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Known = [];

    /// <summary>Bytes of all objects that can be reached, roughly; not those left out, nor what lies behind them.</summary>
    public static long BytesOf(object root, Func<object, bool> isLeftOut)
    {
        var (seen, open, bytes) = (new HashSet<object>(ReferenceEqualityComparer.Instance) { root }, new Stack<object>([root]), 0L);
        while (open.TryPop(out var next))
        {
            bytes += BytesOf(next);
            foreach (var (value, isInside) in Inside(next))
            {
                if (value is not (null or MemberInfo or Assembly or Module or Thread or Pointer or string { Length: 0 }) && !isLeftOut(value) && (isInside || seen.Add(value)))
                {
                    open.Push(value);
                }
            }
        }
        return bytes;
    }

    // Elements and fields; those that are no references lie inside of their object and are looked through.
    private static IEnumerable<(object? Value, bool IsInside)> Inside(object value)
    {
        if (value is Array array)
        {
            var element = array.GetType().GetElementType()!;
            return IsPlain(element) ? [] : array.Cast<object?>().Select(item => (item, element.IsValueType));
        }
        return FieldsOf(value.GetType()).Select(field => (field.GetValue(value), field.FieldType.IsValueType));
    }

    private static long BytesOf(object value) => value switch
    {
        string text => HeadBytes + WordBytes + (2L * text.Length),
        Array array => HeadBytes + WordBytes + ((long)array.Length * SizeOf(array.GetType().GetElementType()!)),
        _ when value.GetType().IsValueType => 0,
        _ => HeadBytes + FieldsOf(value.GetType(), all: true).Sum(f => SizeOf(f.FieldType)),
    };

    private static int SizeOf(Type type) => Type.GetTypeCode(type) switch
    {
        _ when !type.IsValueType => WordBytes,
        TypeCode.Boolean or TypeCode.Byte or TypeCode.SByte => 1,
        TypeCode.Char or TypeCode.Int16 or TypeCode.UInt16 => 2,
        TypeCode.Int32 or TypeCode.UInt32 or TypeCode.Single => 4,
        _ when type.IsPrimitive => WordBytes,
        _ => FieldsOf(type, all: true).Sum(f => SizeOf(f.FieldType)),
    };

    private static bool IsPlain(Type type) => type.IsPointer || type.IsFunctionPointer || type.IsByRefLike || (type.IsValueType && (type.IsPrimitive || FieldsOf(type).Length == 0));

    private static FieldInfo[] FieldsOf(Type type, bool all = false)
    {
        var fields = Known.GetOrAdd(type, static t =>
        {
            var found = new List<FieldInfo>();
            for (var at = t; at is not null && at != typeof(object); at = at.BaseType)
            {
                found.AddRange(at.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly));
            }
            return [.. found];
        });
        return all ? fields : [.. fields.Where(f => !IsPlain(f.FieldType))];
    }
}
