using System.Diagnostics.Metrics;
using EventLedger.Api.Host;
using EventLedger.Domain.Ledger;
using EventLedger.Domain.Kernel;
using EventLedger.EventStore.Projections;

namespace EventLedger.Api.Telemetry;

/// <summary>
/// What this host measures of the ledger itself; requests are measured by ASP.NET Core, with the reference point as the tag <c>point</c>. Names follow
/// OpenTelemetry's conventions; <c>/metrics</c> shows them with underscores.
/// </summary>
public sealed class LedgerMeter
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "EventLedger";

    private readonly Counter<long> blocks, entries, rejected, missed;
    private readonly Histogram<double> sealing;
    private readonly TimeProvider clock;

    /// <summary>Registers the instruments.</summary>
    public LedgerMeter(IMeterFactory meters, LedgerHead head, ProjectionDaemon projections, StatusWatch watch, TimeProvider clock)
    {
        this.clock = clock;
        var meter = meters.Create(Name);
        blocks = meter.CreateCounter<long>("eventledger.blocks", "{block}", "Blocks that this host has stored since its start");
        entries = meter.CreateCounter<long>("eventledger.entries", "{entry}", "Entries in those blocks");
        rejected = meter.CreateCounter<long>("eventledger.rejected", "{entry}", "Entries in those blocks that were sealed as rejected, by code");
        missed = meter.CreateCounter<long>("eventledger.missed_votes", "{vote}", "Blocks whose commit lacks this validator's signature; more than two thirds are enough");
        sealing = meter.CreateHistogram<double>("eventledger.sealing", "s", "From a block's first entry to the moment when this host has stored it",
            advice: new() { HistogramBucketBoundaries = [.025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30] });
        meter.CreateObservableGauge("eventledger.height", () => head.Header.Height, "{block}", "Height of the newest block");
        meter.CreateObservableGauge("eventledger.size", () => head.Header.Size, "{entry}", "Entries sealed");
        meter.CreateObservableGauge("eventledger.queue", () => Math.Max(0, watch.Status.Seq - head.Header.Size), "{entry}", "Entries accepted and not yet sealed");
        meter.CreateObservableGauge("eventledger.projection.lag", () => projections.States.Select(s =>
            new Measurement<long>(Math.Max(0, head.Header.Size - s.Seq), new KeyValuePair<string, object?>("projection", s.Name))), "{entry}", "Sealed entries that a projection has not seen");
        meter.CreateObservableGauge("eventledger.validator.up", () => Each(watch, v => v.Height is null ? 0 : 1), description: "Whether the validator answered this host");
        meter.CreateObservableGauge("eventledger.validator.height", () => Each(watch, v => v.Height), "{block}", "Newest block that the validator holds");
        meter.CreateObservableGauge("eventledger.validator.peers", () => Each(watch, v => v.Peers), "{validator}", "Other validators to which it has a connection");
        meter.CreateObservableGauge("eventledger.store.read_only", () => watch.Status.IsReadOnly ? 1 : 0, description: "Whether the store takes no entries, because it is behind the chain");
    }

    /// <summary>Counts a block that was just stored.</summary>
    /// <param name="header">Its header.</param>
    /// <param name="first">Time of its first entry; the block's own where it has none.</param>
    /// <param name="commit">Who has signed it.</param>
    /// <param name="set">Who might have.</param>
    /// <param name="codes">Codes of its rejected entries.</param>
    public void Sealed(BlockHeader header, LedgerTime first, Commit commit, ValidatorSet set, IEnumerable<string> codes)
    {
        blocks.Add(1);
        if (header.Size >= header.First)
        {
            entries.Add(header.Size - header.First + 1);
            sealing.Record(Math.Max(0, (clock.GetUtcNow().ToUnixTimeMilliseconds() - first.UnixMs) / 1000.0));
        }
        foreach (var code in codes)
        {
            rejected.Add(1, new KeyValuePair<string, object?>("code", code));
        }
        if (missed.Enabled)
        {
            var signed = commit.Signatures.Select(s => s.Kid).ToHashSet(StringComparer.Ordinal);
            foreach (var member in set.Members.Where(m => !signed.Contains(m.Kid)))
            {
                missed.Add(1, new KeyValuePair<string, object?>("kid", member.Kid));
            }
        }
    }

    private static IEnumerable<Measurement<long>> Each(StatusWatch watch, Func<ValidatorStatus, long?> value) =>
        from validator in watch.Status.Validators
        let number = value(validator)
        where number is not null
        select new Measurement<long>(number.Value, new KeyValuePair<string, object?>("validator", validator.Name));
}
