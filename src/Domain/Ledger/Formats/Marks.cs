namespace EventLedger.Domain.Ledger.Formats;

/// <summary>A bit per member or item of one instance: which of them a schema has looked at. An empty span asks for nothing.</summary>
internal static class Marks
{
    public static int Words(int count) => (count + 63) / 64;

    public static void Set(Span<ulong> marks, int index)
    {
        if (!marks.IsEmpty)
        {
            marks[index >> 6] |= 1UL << (index & 63);
        }
    }

    public static bool Has(ReadOnlySpan<ulong> marks, int index) => (marks[index >> 6] & (1UL << (index & 63))) != 0;

    public static void SetAll(Span<ulong> marks) => marks.Fill(ulong.MaxValue);

    public static void Merge(Span<ulong> marks, ReadOnlySpan<ulong> more)
    {
        for (var i = 0; i < marks.Length; i++)
        {
            marks[i] |= more[i];
        }
    }
}
