namespace EventLedger.Conformance.Support;

/// <summary>Looks again and again until something holds; what never holds fails the test with its words.</summary>
internal static class Wait
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50), Longest = TimeSpan.FromMinutes(2);

    public static Task Until(string what, Func<Task<bool>> holds) => For(what, async () => await holds() ? what : null);

    /// <summary>The first value that is not null.</summary>
    public static async Task<T> For<T>(string what, Func<Task<T?>> look)
        where T : class
    {
        for (var limit = DateTime.UtcNow + Longest; ;)
        {
            if (await look() is { } found)
            {
                return found;
            }
            DateTime.UtcNow.ShouldBeLessThan(limit, $"waited in vain: {what}");
            await Task.Delay(LookEvery);
        }
    }
}
