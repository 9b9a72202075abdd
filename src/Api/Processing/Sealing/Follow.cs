using EventLedger.Api.Host;
using EventLedger.EventStore;
using EventLedger.Wire;

namespace EventLedger.Api.Processing.Sealing;

/// <summary>Follows the blocks of all validators at once and stores each with the first that sends it: one that stops is not missed.</summary>
public sealed class Follow(IEventStore store, LedgerHead head, Validators validators, BlockTaker taker, StoreGuard guard, ILogger<Follow> log)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>Runs until cancelled, or until the store fails.</summary>
    public async Task Run(CancellationToken cancellation)
    {
        while (true)
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var changed = validators.Changed;
            var following = Task.WhenAll(validators.All.Select(v => One(v, stop.Token)));
            if (await Task.WhenAny(following, changed) == following)
            {
                await following;
            }
            // Others have seats now. A block that is half taken in is taken in from one of them.
            await stop.CancelAsync();
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private async Task One(ValidatorClient validator, CancellationToken cancellation)
    {
        var told = false;
        while (true)
        {
            try
            {
                var request = new BlocksRequest { FromHeight = head.Header.Height + 1, Follow = true };
                await foreach (var block in validator.Blocks(request, cancellation))
                {
                    told = false;
                    if (!await Take(block, cancellation))
                    {
                        break;
                    }
                }
            }
            catch (Exception e) when (ValidatorClient.IsAway(e) && !cancellation.IsCancellationRequested)
            {
                if (!told)
                {
                    log.LogWarning("Validator {Name} cannot be followed: {Reason}", validator.Validator.Name, e.Message);
                    told = true;
                }
            }
            await Task.Delay(RetryAfter, cancellation);
        }
    }

    // False: this validator's stream is of no use any more and is opened anew.
    private async Task<bool> Take(Block block, CancellationToken cancellation)
    {
        switch (await taker.Take(block, cancellation))
        {
            case BlockFate.Stored:
                return true;
            case BlockFate.NotNext:
                return block.Height <= head.Header.Height;
            case BlockFate.EntryMissing or BlockFate.EntryDiffers when store.ReadOnlyReason is null:
                guard.Doubt();
                return false;
            default:
                return false;
        }
    }
}
