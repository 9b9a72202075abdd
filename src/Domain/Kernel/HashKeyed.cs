namespace EventLedger.Domain.Kernel;

/// <summary>
/// Values by the first half of a SHA-256 (<see cref="Digest.Half"/>), for millions of them: 16 bytes and the value for each, a quarter more for room.
/// It consists of many small tables that grow one by one, so that growth neither copies nor leaves behind anything large.
/// </summary>
/// <remarks>Keys must come from a hash: their own bits choose the place. Nothing is ever removed. Not for several threads at once.</remarks>
/// <typeparam name="T">The value; <see cref="Nothing"/> for a mere set.</typeparam>
public sealed class HashKeyed<T>
    where T : struct
{
    private const int TableBits = 10;

    private readonly Table[] tables = new Table[1 << TableBits];

    /// <summary>Number of keys.</summary>
    public int Count { get; private set; }

    /// <summary>The value of a key; the default where there is none.</summary>
    public T this[UInt128 key]
    {
        get
        {
            ref var table = ref TableOf(key);
            return table.Count > 0 && table.Find(Stored(key), out var at) ? table.Values[at] : default;
        }
        set
        {
            ref var table = ref TableOf(key);
            Count += table.Put(Stored(key), value) ? 1 : 0;
        }
    }

    /// <summary>Whether the key is here.</summary>
    public bool Contains(UInt128 key)
    {
        ref var table = ref TableOf(key);
        return table.Count > 0 && table.Find(Stored(key), out _);
    }

    private ref Table TableOf(UInt128 key) => ref tables[(int)(ulong)key & ((1 << TableBits) - 1)];

    // Zero marks a free place. That a hash begins with 128 zero bits will not be seen; should it, it shares a place with its neighbour.
    private static UInt128 Stored(UInt128 key) => key == UInt128.Zero ? UInt128.One : key;

    private struct Table
    {
        private UInt128[] keys;

        public T[] Values { get; private set; }

        public int Count { get; private set; }

        public readonly bool Find(UInt128 key, out int at)
        {
            // The upper half of the key is spread evenly over the places, whatever their number.
            at = (int)Math.BigMul((ulong)(key >> 64), (ulong)keys.Length, out _);
            while (keys[at] != key)
            {
                if (keys[at] == UInt128.Zero)
                {
                    return false;
                }
                at = at + 1 == keys.Length ? 0 : at + 1;
            }
            return true;
        }

        public bool Put(UInt128 key, T value)
        {
            if (Count == 0 || Count * 8L >= keys.Length * 7L)
            {
                Grow(key);
            }
            var isNew = !Find(key, out var at);
            (keys![at], Values[at]) = (key, value);
            Count += isNew ? 1 : 0;
            return isNew;
        }

        // All tables fill at the same pace. They begin with sizes a sixteenth apart, by the bits that chose the table, so that they do not all grow at once.
        private void Grow(UInt128 key)
        {
            var (oldKeys, oldValues, size) = (keys ?? [], Values ?? [], keys is null ? 64 + ((int)(ulong)key & 15) : keys.Length * 5 / 4);
            (keys, Values) = (new UInt128[size], new T[size]);
            for (var i = 0; i < oldKeys.Length; i++)
            {
                if (oldKeys[i] != UInt128.Zero)
                {
                    Find(oldKeys[i], out var at);
                    (keys[at], Values[at]) = (oldKeys[i], oldValues[i]);
                }
            }
        }
    }
}

/// <summary>No value: what a set keeps for each key. It still takes a byte.</summary>
public readonly record struct Nothing;
