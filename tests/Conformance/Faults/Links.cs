namespace EventLedger.Conformance.Faults;

/// <summary>How a connection from one process to another behaves. TLS runs through it, so loss and doubles below TCP can only show as these.</summary>
/// <param name="IsCut">Connections are reset and new ones refused.</param>
/// <param name="IsStalled">Bytes are taken and kept until the stall ends: a black hole.</param>
/// <param name="DelayMs">Every byte comes so much later.</param>
/// <param name="BytesPerSecond">No more than so many, 0 for no limit.</param>
internal sealed record LinkState(bool IsCut = false, bool IsStalled = false, int DelayMs = 0, int BytesPerSecond = 0)
{
    public static readonly LinkState Open = new();
}

/// <summary>The state of each directed link, and a way to hear of a change. Validators count from 1, the host is 0.</summary>
internal sealed class Links
{
    private readonly Lock gate = new();
    private readonly Dictionary<(int From, int To), LinkState> states = [];
    private TaskCompletionSource changed = New();

    /// <summary>Whoever forwards on a link closes its connections when this is raised for it.</summary>
    public event Action<int, int>? Reset;

    public LinkState this[int from, int to]
    {
        get
        {
            lock (gate)
            {
                return states.GetValueOrDefault((from, to), LinkState.Open);
            }
        }
    }

    /// <summary>Sets every link that a rule names; a link that is cut loses its connections at once.</summary>
    public void Set(int validators, Func<int, int, bool> which, LinkState state)
    {
        TaskCompletionSource before;
        var hit = Named(validators, which).ToList();
        lock (gate)
        {
            hit.ForEach(link => states[link] = state);
            (before, changed) = (changed, New());
        }
        before.SetResult();
        if (state.IsCut)
        {
            hit.ForEach(link => Reset?.Invoke(link.From, link.To));
        }
    }

    /// <summary>Resets every connection of the links that a rule names; they may be opened again at once.</summary>
    public void Storm(int validators, Func<int, int, bool> which)
    {
        foreach (var (from, to) in Named(validators, which))
        {
            Reset?.Invoke(from, to);
        }
    }

    /// <summary>Returns when the link takes bytes.</summary>
    public async Task Flows(int from, int to, CancellationToken ct)
    {
        while (true)
        {
            Task wait;
            lock (gate)
            {
                if (!states.GetValueOrDefault((from, to), LinkState.Open).IsStalled)
                {
                    return;
                }
                wait = changed.Task;
            }
            await wait.WaitAsync(ct);
        }
    }

    private static IEnumerable<(int From, int To)> Named(int validators, Func<int, int, bool> which) =>
        Enumerable.Range(0, validators + 1).SelectMany(_ => Enumerable.Range(1, validators), (a, b) => (a, b)).Where(link => link.a != link.b && which(link.a, link.b));

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
