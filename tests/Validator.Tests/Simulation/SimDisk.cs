using EventLedger.Validator.Storage;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>The process is gone at this point; nothing after it happened.</summary>
internal sealed class CrashException : Exception;

/// <summary>
/// A directory in memory that keeps what was flushed. At a crash every write since the last flush of its file is kept, torn or lost, each by
/// itself and so out of order, and renames since the last flush of the directory may not have happened.
/// </summary>
internal sealed class SimDisk(Action effect) : IDisk
{
    private Dictionary<string, Node> names = new(StringComparer.Ordinal);
    private Dictionary<string, Node> durable = new(StringComparer.Ordinal);
    private readonly List<Action<Dictionary<string, Node>>> pending = [];

    /// <summary>The next flush fails, as that of a broken or full disk does.</summary>
    public bool FailsNext { get; set; }

    /// <summary>How many of the names that were changed since the last flush a crash leaves changed; null lets chance tell. Only the exhaustive test of crash points sets it.</summary>
    public int? NamesKept { get; set; }

    /// <summary>How many names had been changed since the last flush when it crashed.</summary>
    public int NamesAtCrash { get; private set; }

    public byte[]? Read(string name) => names.TryGetValue(name, out var node) ? node.Bytes[..node.Length] : null;

    public IDiskFile Create(string name)
    {
        effect();
        var node = new Node();
        Change(map => map[name] = node);
        return new File(this, node);
    }

    public IDiskFile Open(string name) => new File(this, names[name]);

    public void Rename(string from, string to)
    {
        effect();
        var node = names[from];
        Change(map =>
        {
            map.Remove(from);
            map[to] = node;
        });
    }

    public void Flush()
    {
        effect();
        durable = new(names, StringComparer.Ordinal);
        pending.Clear();
    }

    /// <summary>The power is cut. Tells how many writes were lost or torn.</summary>
    public int Crash(Dice dice)
    {
        NamesAtCrash = pending.Count;
        // Drawn in any case, so that what comes after is the same.
        var drawn = dice.Below(pending.Count + 1);
        var kept = Math.Min(NamesKept ?? drawn, pending.Count);
        foreach (var change in pending.Take(kept))
        {
            change(durable);
        }
        var harmed = pending.Count - kept;
        pending.Clear();
        names = new(durable, StringComparer.Ordinal);
        foreach (var name in names.Keys.Order(StringComparer.Ordinal))
        {
            harmed += names[name].Crash(dice);
        }
        return harmed;
    }

    public void Wipe()
    {
        names.Clear();
        durable.Clear();
        pending.Clear();
    }

    /// <summary>Flips one bit of a file that has any bytes; false when there is none.</summary>
    public bool Flip(string name, Dice dice)
    {
        if (!names.TryGetValue(name, out var node) || node.Length == 0)
        {
            return false;
        }
        node.Bytes[dice.Below(node.Length)] ^= (byte)(1 << dice.Below(8));
        return true;
    }

    /// <summary>Cuts a file; only the exhaustive test of crash points does that.</summary>
    public void Truncate(string name, int length) => names[name].Length = Math.Min(length, names[name].Length);

    /// <summary>What a backup of this moment holds.</summary>
    public IReadOnlyDictionary<string, byte[]> Copy() => names.ToDictionary(n => n.Key, n => n.Value.Bytes[..n.Value.Length]);

    public void Restore(IReadOnlyDictionary<string, byte[]> copy)
    {
        Wipe();
        foreach (var (name, bytes) in copy)
        {
            durable[name] = names[name] = new() { Bytes = [.. bytes], Length = bytes.Length };
        }
    }

    private void Change(Action<Dictionary<string, Node>> change)
    {
        change(names);
        pending.Add(change);
    }

    private sealed class Node
    {
        private readonly List<(int At, byte[] Was, byte[] Now, int LengthBefore)> unflushed = [];

        public byte[] Bytes { get; set; } = [];

        public int Length { get; set; }

        public void Write(ReadOnlySpan<byte> bytes, int at)
        {
            var (before, end) = (Length, at + bytes.Length);
            if (end > Bytes.Length)
            {
                var larger = new byte[Math.Max(end, Bytes.Length * 2)];
                Bytes.CopyTo(larger, 0);
                Bytes = larger;
            }
            var was = at < before ? Bytes[at..Math.Min(end, before)] : [];
            bytes.CopyTo(Bytes.AsSpan(at));
            Length = Math.Max(Length, end);
            unflushed.Add((at, was, bytes.ToArray(), before));
        }

        public void Cut(int length)
        {
            unflushed.Add((length, Bytes[length..Length], [], Length));
            Length = length;
        }

        public void Flush() => unflushed.Clear();

        public int Crash(Dice dice)
        {
            for (var i = unflushed.Count - 1; i >= 0; i--)
            {
                var (at, was, _, before) = unflushed[i];
                was.CopyTo(Bytes, at);
                Array.Clear(Bytes, before, Bytes.Length - before);
                Length = before;
            }
            var (writes, harmed) = (unflushed.ToList(), 0);
            unflushed.Clear();
            foreach (var (at, _, now, _) in writes)
            {
                var kept = dice.Below(4) switch { 0 => 0, 1 => now.Length, _ => dice.Below(now.Length + 1) };
                harmed += kept < now.Length ? 1 : 0;
                if (kept > 0)
                {
                    Write(now.AsSpan(0, kept), at);
                }
            }
            unflushed.Clear();
            return harmed;
        }
    }

    private sealed class File(SimDisk disk, Node node) : IDiskFile
    {
        public void Write(ReadOnlySpan<byte> bytes, long at)
        {
            disk.Effect();
            node.Write(bytes, (int)at);
        }

        public void Cut(long length)
        {
            disk.Effect();
            node.Cut((int)length);
        }

        public void Flush()
        {
            disk.Effect();
            if (disk.FailsNext)
            {
                disk.FailsNext = false;
                throw new IOException("The disk cannot say whether the bytes are on it.");
            }
            node.Flush();
        }

        public void Dispose() { }
    }

    private void Effect() => effect();
}
