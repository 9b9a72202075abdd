using EventLedger.Domain.Ledger;

namespace EventLedger.EventStore;

/// <summary>The rules of a restore that both stores share.</summary>
internal static class Restoring
{
    /// <summary>Reads an entry and checks that it goes on where the log and its stream end.</summary>
    public static Entry Parse(RestoredEntry given, Head end, Func<string, long> versionOf)
    {
        if (!Entry.TryParse(given.Bytes, out var entry))
        {
            throw new InvalidDataException($"What should be entry {end.Seq + 1} is not a canonical entry.");
        }
        if (entry.Seq != end.Seq + 1)
        {
            throw new InvalidDataException($"Entry {entry.Seq} does not follow entry {end.Seq}.");
        }
        var version = versionOf(entry.Stream);
        return entry.Version == version + 1
            ? entry
            : throw new InvalidDataException($"Entry {entry.Seq} is version {entry.Version} of '{entry.Stream}', which stands at {version}.");
    }
}
