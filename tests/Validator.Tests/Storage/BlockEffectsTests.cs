using EventLedger.Client;
using EventLedger.Domain.Ledger;
using EventLedger.Domain.Tests.Ledger;
using EventLedger.Validator.Storage;

namespace EventLedger.Validator.Tests.Storage;

public sealed class BlockEffectsTests
{
    private readonly RulesChain chain = new();
    private readonly LedgerState twin;
    private int folded;

    public BlockEffectsTests()
    {
        twin = new(chain.Genesis);
        twin.Apply(chain.State.Head, twin.Check([CheckedEntry.TryReadSealed(chain.Genesis.Entry.ToBytes())!], chain.State.Head.Time));
        chain.Sealing = Follow;
        chain.AdmitSource();
    }

    [Fact]
    public void A_state_that_folds_effects_judges_as_one_that_folds_entries()
    {
        var record = chain.Record("A1", "j1", 1);
        chain.Submit("A1", record).ShouldBeNull();
        chain.Submit("A2", chain.Record("A2", "j1", 2)).ShouldBe(RejectionCode.JtiReused);
        chain.Submit("A2", chain.Record("A2", "j2", 1)).ShouldBe(RejectionCode.IdxReused);
        chain.Submit("A2", chain.Record("A2", "j3", 3, Keys.Generate(KeyPurpose.Record))).ShouldBe(RejectionCode.KeyUnknown);
        chain.Change("A3", "c0", RecordStatus.Suspended).ShouldBe(RejectionCode.RecordUnknown);
        chain.Change("A1", "c1", RecordStatus.Suspended).ShouldBeNull();
        chain.Submit("A1", chain.Record("A1", "j4", 4)).ShouldBeNull();
        chain.Change("A1", "c2", RecordStatus.Revoked).ShouldBeNull();
        chain.Change("A1", "c2", RecordStatus.Revoked).ShouldBe(RejectionCode.JtiReused);
        chain.Control(EventTable.KeyRevoked, EventTable.SourceStream(RulesChain.Iss), new() { ["kid"] = chain.Source.Public.Kid, ["reason"] = "lost" }).ShouldBeNull();
        chain.Submit("A4", chain.Record("A4", "j5", 5)).ShouldBe(RejectionCode.KeyInvalid);
        chain.Append(EventTable.FindingRaised, EventTable.FindingStream, "host", []).ShouldBeNull();

        folded.ShouldBe(11, "all but the format, the source and its revoked key");
        SdJwt.TryParse(record, out var parsed, out _).ShouldBeTrue();
        var entry = new Entry(4, RulesChain.StreamOf("A1"), 1, EventTable.SubmissionAccepted, RulesChain.Start, RulesChain.Iss, default);
        for (var height = 1; height <= chain.State.Head.Height; height++)
        {
            twin.StatusOf(entry, default, parsed!, height).ShouldBe(chain.State.StatusOf(entry, default, parsed!, height));
        }
    }

    [Fact]
    public void Bytes_that_are_cut_off_or_changed_are_effects_or_none_and_never_thrown_at()
    {
        var verdict = new BatchVerdict([], twin.Registry, RulesChain.Start, new Dictionary<UInt128, StreamFacts> { [7] = new(3, 2, 1, Suspended: true), [8] = new(1, 1, 0, Suspended: false) }, [9, 10]);
        var whole = Pack(verdict);
        for (var size = 0; size < whole.Length; size++)
        {
            var cut = BlockEffects.TryUnpack(whole.AsSpan(0, size), [], twin.Registry);
            (cut is null || cut.Streams.Count == verdict.Streams.Count).ShouldBeTrue($"{size} bytes");
        }
        for (var at = 0; at < whole.Length; at++)
        {
            for (var other = 1; other < 256; other++)
            {
                var changed = whole.ToArray();
                changed[at] ^= (byte)other;
                Should.NotThrow(() => BlockEffects.TryUnpack(changed, [], twin.Registry), $"byte {at}, {other}");
            }
        }
    }

    [Fact]
    public void Effects_of_another_version_or_with_a_stream_twice_are_none()
    {
        var whole = Pack(new([], twin.Registry, RulesChain.Start, new Dictionary<UInt128, StreamFacts> { [7] = new(3, 2, 1, Suspended: true), [8] = new(1, 1, 0, Suspended: false) }, []));
        BlockEffects.TryUnpack(whole, [], twin.Registry).ShouldNotBeNull().Streams[7].ShouldBe(new(3, 2, 1, Suspended: true));
        var later = whole.ToArray();
        later[8]++;
        BlockEffects.TryUnpack(later, [], twin.Registry).ShouldBeNull();
        var twice = whole.ToArray();
        (twice[16], twice[16 + 29]) = (7, 7);
        BlockEffects.TryUnpack(twice, [], twin.Registry).ShouldBeNull();
    }

    // Judges each block before it folds what the block changed, or the entry where authority changed.
    private void Follow(CheckedEntry entry, BlockHeader header, BatchVerdict verdict)
    {
        var mine = twin.Check([entry], header.Time);
        Same(mine, verdict);
        if (ReferenceEquals(verdict.Registry, chain.State.Registry))
        {
            mine = BlockEffects.TryUnpack(Pack(verdict), verdict.Rejected, twin.Registry).ShouldNotBeNull();
            Same(mine, verdict);
            folded++;
        }
        twin.Apply(header, mine);
    }

    private static void Same(BatchVerdict mine, BatchVerdict other)
    {
        mine.Rejected.ShouldBe(other.Rejected);
        mine.HighestTime.ShouldBe(other.HighestTime);
        mine.Streams.OrderBy(s => s.Key).ShouldBe(other.Streams.OrderBy(s => s.Key));
        mine.Uniques.Order().ShouldBe(other.Uniques.Order());
    }

    private static byte[] Pack(BatchVerdict verdict)
    {
        var bytes = new byte[BlockEffects.SizeOf(verdict)];
        BlockEffects.Pack(verdict, bytes);
        return bytes;
    }
}
