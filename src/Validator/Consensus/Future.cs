namespace EventLedger.Validator.Consensus;

/// <summary>
/// Messages of heights to come: a faster peer sends them before this node is there. Only the next few heights and a few messages of each sender
/// are kept, the oldest go first; what is lost here comes again with a peer's next tick or with catch-up.
/// </summary>
internal sealed class Future
{
    /// <summary>How many heights ahead are kept.</summary>
    public const int HeightsMax = 2;

    /// <summary>Messages kept of one sender.</summary>
    public const int PerSenderMax = 64;

    /// <summary>Senders kept; above every allowed size of a set, so that a change of the set loses nothing.</summary>
    public const int SendersMax = 64;

    private readonly Dictionary<string, Queue<(long Height, long Order, Input Input)>> senders = [];
    private long order;

    public int Count => senders.Values.Sum(queue => queue.Count);

    public void Hold(string sender, long height, long currentHeight, Input input)
    {
        if (height > currentHeight + HeightsMax)
        {
            return;
        }
        if (!senders.TryGetValue(sender, out var queue))
        {
            if (senders.Count == SendersMax)
            {
                return;
            }
            senders.Add(sender, queue = new());
        }
        if (queue.Count == PerSenderMax)
        {
            queue.Dequeue();
        }
        queue.Enqueue((height, order++, input));
    }

    /// <summary>Takes out what belongs to this height, in the order of arrival, and drops what lies before it.</summary>
    public List<Input> Take(long height)
    {
        var due = senders.Values.SelectMany(queue => queue).Where(m => m.Height == height).OrderBy(m => m.Order).Select(m => m.Input).ToList();
        foreach (var (sender, queue) in senders.ToList())
        {
            senders[sender] = new(queue.Where(m => m.Height > height));
            if (senders[sender].Count == 0)
            {
                senders.Remove(sender);
            }
        }
        return due;
    }
}
