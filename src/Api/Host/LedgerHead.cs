using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.Host;

/// <summary>The newest sealed block as this host knows it, and a way to wait for the next.</summary>
public sealed class LedgerHead(Genesis genesis, TimeProvider clock)
{
    private readonly Signal size = new(clock), height = new(clock);
    private readonly Lock gate = new();
    private volatile Sealed newest = new(genesis.Header, null);

    /// <summary>A header with its commit; genesis has none.</summary>
    public sealed record Sealed(BlockHeader Header, Commit? Commit);

    /// <summary>Header and commit together, as they were at one moment.</summary>
    public Sealed Newest => newest;

    /// <summary>The newest header; that of genesis before the first block.</summary>
    public BlockHeader Header => newest.Header;

    /// <summary>Whether an entry lies at or below the head.</summary>
    public bool IsSealed(long seq) => seq <= newest.Header.Size;

    /// <summary>Takes over a verified and stored block; an older one changes nothing.</summary>
    public void Advance(BlockHeader header, Commit commit)
    {
        lock (gate)
        {
            if (header.Height <= newest.Header.Height)
            {
                return;
            }
            newest = new(header, commit);
        }
        size.Advance(header.Size);
        height.Advance(header.Height);
    }

    /// <summary>Waits until an entry is sealed; false when the time is over first.</summary>
    public Task<bool> WaitSealed(long seq, TimeSpan timeout, CancellationToken cancellation = default) => size.Reach(seq, timeout, cancellation);

    /// <summary>Waits for a block; false when the time is over first.</summary>
    public Task<bool> WaitHeight(long value, TimeSpan timeout, CancellationToken cancellation = default) => height.Reach(value, timeout, cancellation);
}
