using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>
/// The facts of each stream, by the first half of its name's SHA-256. Nearly every stream is one record that nothing has happened to but newer versions of
/// it, and that is one number; only the others take a place of their own.
/// </summary>
/// <remarks>Not for several threads at once.</remarks>
public sealed class StreamTable
{
    // Positive: the version, all of which are valid submissions. Negative: the complement of a place in the list below. Zero: no such stream.
    private readonly HashKeyed<int> table = new();
    private readonly List<StreamFacts> eventful = [];

    /// <summary>Number of streams.</summary>
    public int Count => table.Count;

    /// <summary>What is known of a stream; the default where it has not begun.</summary>
    public StreamFacts this[UInt128 stream]
    {
        get => table[stream] switch
        {
            0 => default,
            > 0 and var version => Plain(version),
            var place => eventful[~place],
        };
        set
        {
            var known = table[stream];
            if (known < 0)
            {
                eventful[~known] = value;
            }
            else if (value.Version > 0 && value == Plain(value.Version))
            {
                table[stream] = value.Version;
            }
            else
            {
                table[stream] = ~eventful.Count;
                eventful.Add(value);
            }
        }
    }

    /// <summary>Whether the stream has begun.</summary>
    public bool Contains(UInt128 stream) => table.Contains(stream);

    private static StreamFacts Plain(int version) => new(version, version, RevokedVersion: 0, Suspended: false);
}
