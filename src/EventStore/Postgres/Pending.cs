namespace EventLedger.EventStore.Postgres;

/// <summary>An append on its way, and who waits for it.</summary>
internal sealed class Pending(Append command, CancellationToken cancellation)
{
    private readonly TaskCompletionSource<AppendResult> done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Append Command => command;

    /// <summary>Nobody waits any more. Only looked at before it is first sent: afterwards it may already be written.</summary>
    public bool IsGivenUp => cancellation.IsCancellationRequested;

    public Task<AppendResult> Result => done.Task;

    public void Answer(AppendResult result) => done.TrySetResult(result);

    public void Fail(Exception reason) => done.TrySetException(reason);
}
