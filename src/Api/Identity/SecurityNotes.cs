using System.Collections.Concurrent;

namespace EventLedger.Api.Identity;

/// <summary>Counts what failed, by kind alone: who tried and with what stands nowhere.</summary>
public sealed class SecurityNotes
{
    /// <summary>A sign-in that did not succeed.</summary>
    public const string SignInFailed = "sign-in-failed";

    /// <summary>An account that was locked after too many tries.</summary>
    public const string AccountLocked = "account-locked";

    /// <summary>A client whose assertion was not taken.</summary>
    public const string ClientRefused = "client-refused";

    /// <summary>A token that was worth nothing.</summary>
    public const string TokenRefused = "token-refused";

    /// <summary>A caller who is known and may not.</summary>
    public const string AccessRefused = "access-refused";

    /// <summary>A caller who asked too often.</summary>
    public const string RateLimited = "rate-limited";

    /// <summary>A submission of a source or with a key that may not submit.</summary>
    public const string SubmissionRefused = "submission-refused";

    private readonly ConcurrentDictionary<string, long> counts = new(StringComparer.Ordinal);

    /// <summary>Takes notice of a failure, or of several.</summary>
    public void Note(string kind, long count = 1) => counts.AddOrUpdate(kind, static (_, more) => more, static (_, n, more) => n + more, count);

    /// <summary>What was noted since the last call, by kind.</summary>
    public IReadOnlyList<(string Kind, long Count)> Take()
    {
        var taken = new List<(string, long)>();
        foreach (var kind in counts.Keys)
        {
            if (counts.TryRemove(kind, out var count))
            {
                taken.Add((kind, count));
            }
        }
        return taken;
    }
}
