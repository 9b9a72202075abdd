using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.EventStore.Postgres;

/// <summary>
/// Appends that go into one commit, with places and times given. Those that contradict an earlier one of the same group stay out and
/// hold their answer ready: it is true once the group is written as planned.
/// </summary>
internal sealed class Group
{
    private readonly List<(Pending Member, int First)> members = [];
    private readonly List<(Pending Loser, AppendResult Answer)> losers = [];
    private readonly Dictionary<string, int> streamNos = [];
    private readonly Dictionary<UniqueKey, long> claimed = [];
    private readonly List<Pending> streamOwners = [], uniqueOwners = [];

    private Group(Head before) => (Before, After) = (before, before);

    /// <summary>Where the log must end for this group to fit.</summary>
    public Head Before { get; }

    /// <summary>Where it ends with the group.</summary>
    public Head After { get; private set; }

    public List<StoredEntry> Entries { get; } = [];

    public List<Guid> Ids { get; } = [];

    public List<StreamMove> Streams { get; } = [];

    public List<(long Seq, ReadOnlyMemory<byte> Bytes)> Sidecars { get; } = [];

    public List<(UniqueKey Key, long Seq)> Uniques { get; } = [];

    /// <summary>How one stream moves on.</summary>
    internal sealed record StreamMove(string Stream, long From, long To, LedgerTime First, LedgerTime Last);

    /// <summary>Gives places to appends in the order they came.</summary>
    public static Group Plan(IReadOnlyList<Pending> appends, Head before, string chain, TimeProvider clock)
    {
        var group = new Group(before);
        var time = Appending.Time(clock, before.Time);
        foreach (var pending in appends)
        {
            if (group.Contradiction(pending.Command) is { } answer)
            {
                group.losers.Add((pending, answer));
                continue;
            }
            var command = pending.Command;
            var seq = group.After.Seq;
            group.members.Add((pending, group.Entries.Count));
            for (var i = 0; i < command.Events.Count; i++)
            {
                var e = command.Events[i];
                var entry = new Entry(++seq, command.Stream, command.ExpectedVersion + 1 + i, e.Type, time, e.Actor, e.Data);
                group.Take(entry, entry.ToBytes(), e.Sidecar, i == 0 ? command.Uniques : [], chain, pending);
            }
        }
        return group;
    }

    /// <summary>Takes entries that have their places already.</summary>
    public static Group Of(IReadOnlyList<RestoredEntry> entries, Head before, IReadOnlyDictionary<string, long> versions, string chain)
    {
        var group = new Group(before);
        foreach (var given in entries)
        {
            var entry = Restoring.Parse(given, group.After, stream =>
                group.streamNos.TryGetValue(stream, out var no) ? group.Streams[no].To : versions.GetValueOrDefault(stream));
            if (given.Uniques.Any(group.claimed.ContainsKey))
            {
                throw new InvalidDataException($"Entry {entry.Seq} claims what another one holds.");
            }
            group.Take(entry, given.Bytes, given.Sidecar, given.Uniques, chain, null);
        }
        return group;
    }

    /// <summary>Tells everyone, once the group is written.</summary>
    public void Answer()
    {
        foreach (var (member, first) in members)
        {
            member.Answer(new AppendResult.Appended(Entries.GetRange(first, member.Command.Events.Count)));
        }
        foreach (var (loser, answer) in losers)
        {
            loser.Answer(answer);
        }
    }

    /// <summary>Answers those that the database named, and gives them back. A held key is told before a version conflict.</summary>
    public HashSet<Pending> Refuse(Written.Conflicts conflicts)
    {
        var refused = new HashSet<Pending>();
        foreach (var (no, holder) in conflicts.Uniques)
        {
            if (refused.Add(uniqueOwners[no]))
            {
                uniqueOwners[no].Answer(new AppendResult.UniqueTaken(Uniques[no].Key, holder));
            }
        }
        foreach (var (no, actual) in conflicts.Streams)
        {
            if (refused.Add(streamOwners[no]))
            {
                streamOwners[no].Answer(new AppendResult.VersionConflict(actual));
            }
        }
        return refused;
    }

    private AppendResult? Contradiction(Append command)
    {
        foreach (var key in command.Uniques)
        {
            if (claimed.TryGetValue(key, out var holder))
            {
                return new AppendResult.UniqueTaken(key, holder);
            }
        }
        return streamNos.TryGetValue(command.Stream, out var no) && Streams[no].To != command.ExpectedVersion
            ? new AppendResult.VersionConflict(Streams[no].To)
            : null;
    }

    private void Take(
        Entry entry, ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> sidecar, IReadOnlyList<UniqueKey> uniques, string chain, Pending? owner)
    {
        Entries.Add(new(entry, bytes, Entry.LeafHash(bytes.Span)));
        Ids.Add(Entry.EventId(chain, entry.Stream, entry.Version));
        if (streamNos.TryGetValue(entry.Stream, out var no))
        {
            Streams[no] = Streams[no] with { To = entry.Version, Last = entry.Time };
        }
        else
        {
            streamNos[entry.Stream] = Streams.Count;
            Streams.Add(new(entry.Stream, entry.Version - 1, entry.Version, entry.Time, entry.Time));
            streamOwners.Add(owner!);
        }
        if (!sidecar.IsEmpty)
        {
            Sidecars.Add((entry.Seq, sidecar));
        }
        foreach (var key in uniques)
        {
            claimed[key] = entry.Seq;
            Uniques.Add((key, entry.Seq));
            uniqueOwners.Add(owner!);
        }
        After = new(entry.Seq, entry.Time < After.Time ? After.Time : entry.Time);
    }
}
