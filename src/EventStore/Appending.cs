using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.EventStore;

/// <summary>The rules of an append that both stores share.</summary>
internal static class Appending
{
    // What an entry adds around its data besides stream, type and actor: member names, two numbers and a time.
    private const int EnvelopeBytes = 160;

    /// <summary>Refuses what could never be sealed; throws <see cref="ArgumentException"/>, since only a bug asks for it.</summary>
    public static void Check(Append command)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(command.ExpectedVersion);
        if (command.Events.Count == 0)
        {
            throw new ArgumentException("An append has at least one event.", nameof(command));
        }
        if (command.Uniques.Count > 1 && command.Uniques.Distinct().Count() != command.Uniques.Count)
        {
            throw new ArgumentException("An append claims each key once.", nameof(command));
        }
        foreach (var e in command.Events)
        {
            // JCS writes a character in at most six bytes.
            if (EnvelopeBytes + (6 * (command.Stream.Length + e.Type.Length + e.Actor.Length)) + e.Data.Length > Entry.SizeBytesMax)
            {
                throw new ArgumentException($"An entry has at most {Entry.SizeBytesMax} bytes.", nameof(command));
            }
        }
    }

    /// <summary>Time never runs backwards in the log, whatever the clock does.</summary>
    public static LedgerTime Time(TimeProvider clock, LedgerTime last)
    {
        var now = LedgerTime.From(clock.GetUtcNow());
        return now < last ? last : now;
    }
}
