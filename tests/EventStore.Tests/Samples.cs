using System.Text;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.EventStore.Tests;

/// <summary>Short ways to say what a test needs.</summary>
internal static class Samples
{
    public const string Chain = "test-0123456789abcdef";

    public static CancellationToken Now => Xunit.TestContext.Current.CancellationToken;

    public static NewEvent Event(string text = "x", string sidecar = "") =>
        new("thing_happened", "urn:source:1", Json($$"""{"text":"{{text}}"}"""), Encoding.UTF8.GetBytes(sidecar));

    public static Append To(string stream, long expected, params UniqueKey[] uniques) => new(stream, expected, [Event(stream)], uniques);

    public static UniqueKey Jti(string value) => new(UniqueKind.Jti, Digest.Of(value));

    public static byte[] Json(string json) => Jcs.TryCanonicalize(Encoding.UTF8.GetBytes(json))!;

    public static StoredEntry Entry(this AppendResult result) => ((AppendResult.Appended)result).Entries[0];

    /// <summary>Block number <paramref name="height"/> up to <paramref name="size"/>.</summary>
    public static StoredBlock Block(long height, long first, long size, params RejectedEntry[] rejected) =>
        new(height, first, size, new(1_000 * height), Encoding.UTF8.GetBytes($"header {height}"), Encoding.UTF8.GetBytes($"commit {height}"), rejected);

    /// <summary>The root that a verifier would compute from the leaves alone.</summary>
    public static Digest Root(IEnumerable<StoredEntry> entries, long size)
    {
        var tree = new MerkleFrontier();
        foreach (var entry in entries.Take((int)size))
        {
            tree.Append(entry.Leaf);
        }
        return tree.Root();
    }
}
