namespace EventLedger.Validator;

/// <summary>
/// Keeps the heap near what is in use. A batch lives for two or three heights, long enough to be taken for old, and the runtime looks at what is old only
/// when as much again has piled up: with a million records that would be more than all that a validator knows.
/// </summary>
public sealed class HeapKeeper : IDisposable
{
    /// <summary>By how many bytes the heap may exceed what was in use when it was last collected.</summary>
    public const long SlackBytes = 24 << 20;

    /// <summary>By how many bytes it may when nothing is being sealed: then there is time, and the room goes back to the system.</summary>
    public const long QuietSlackBytes = 2 << 20;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly Timer timer;
    private long used = GC.GetTotalMemory(forceFullCollection: false), last;

    /// <summary>Begins to look.</summary>
    public HeapKeeper() => timer = new(_ => Look(), null, Every, Every);

    /// <summary>Looks no more.</summary>
    public void Dispose() => timer.Dispose();

    private void Look()
    {
        var now = GC.GetTotalMemory(forceFullCollection: false);
        var isQuiet = Math.Abs(now - last) < QuietSlackBytes / 4;
        last = now;
        if (now - used > (isQuiet ? QuietSlackBytes : SlackBytes))
        {
            GC.Collect(GC.MaxGeneration, isQuiet ? GCCollectionMode.Aggressive : GCCollectionMode.Forced, blocking: true, compacting: true);
            last = used = GC.GetTotalMemory(forceFullCollection: false);
        }
    }
}
