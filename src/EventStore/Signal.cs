namespace EventLedger.EventStore;

/// <summary>A number that only grows, and a way to wait for it.</summary>
public sealed class Signal(TimeProvider clock)
{
    private readonly Lock gate = new();
    private TaskCompletionSource changed = Fresh();

    /// <summary>The highest value seen.</summary>
    public long Value { get; private set; }

    /// <summary>Notes a value; a lower one than before changes nothing.</summary>
    public void Advance(long value)
    {
        TaskCompletionSource waiting;
        lock (gate)
        {
            if (value <= Value)
            {
                return;
            }
            Value = value;
            (waiting, changed) = (changed, Fresh());
        }
        waiting.TrySetResult();
    }

    /// <summary>Waits until the value is reached; false when the time is over first.</summary>
    public async Task<bool> Reach(long value, TimeSpan timeout, CancellationToken cancellation)
    {
        var start = clock.GetTimestamp();
        while (true)
        {
            Task wait;
            lock (gate)
            {
                if (Value >= value)
                {
                    return true;
                }
                wait = changed.Task;
            }
            var left = timeout - clock.GetElapsedTime(start);
            if (left <= TimeSpan.Zero)
            {
                return false;
            }
            try
            {
                await wait.WaitAsync(left, clock, cancellation);
            }
            catch (TimeoutException)
            {
                return Value >= value;
            }
        }
    }

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
