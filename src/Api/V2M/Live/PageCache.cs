namespace EventLedger.Api.V2M.Live;

/// <summary>
/// Older items, read from the store in aligned pages that are shared: after a restart a thousand subscribers come back at the same place, and one of them reads
/// for all. A page that is not full yet, or that failed, is not kept.
/// </summary>
/// <param name="size">Items of a page.</param>
/// <param name="read">Reads at most so many items from a place on.</param>
internal sealed class PageCache(int size, Func<long, int, Task<IReadOnlyList<LiveItem>>> read)
{
    private const int PagesMax = 32;
    private const long BytesMax = 16 << 20;

    private readonly Lock gate = new();
    private readonly Dictionary<long, Task<IReadOnlyList<LiveItem>>> pages = [];
    private readonly Queue<long> order = [];

    /// <summary>Items from a place to the end of its page.</summary>
    public async Task<IReadOnlyList<LiveItem>> From(long place)
    {
        var number = (place - 1) / size;
        var page = await Page(number);
        return [.. page.Skip((int)(place - 1 - number * size))];
    }

    private async Task<IReadOnlyList<LiveItem>> Page(long number)
    {
        Task<IReadOnlyList<LiveItem>> reading;
        lock (gate)
        {
            if (!pages.TryGetValue(number, out reading!))
            {
                while (order.Count >= PagesMax || (order.Count > 0 && Bytes() > BytesMax))
                {
                    pages.Remove(order.Dequeue());
                }
                pages[number] = reading = read(number * size + 1, size);
                order.Enqueue(number);
            }
        }
        try
        {
            var page = await reading;
            if (page.Count < size)
            {
                Forget(number, reading);
            }
            return page;
        }
        catch
        {
            Forget(number, reading);
            throw;
        }
    }

    private long Bytes() => pages.Values.Where(p => p.IsCompletedSuccessfully).Sum(p => p.Result.Sum(item => (long)item.SizeBytes));

    private void Forget(long number, Task<IReadOnlyList<LiveItem>> reading)
    {
        lock (gate)
        {
            if (pages.TryGetValue(number, out var kept) && kept == reading)
            {
                pages.Remove(number);
            }
        }
    }
}
