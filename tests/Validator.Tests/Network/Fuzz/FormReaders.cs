using EventLedger.Domain.Ledger;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Node;
using Google.Protobuf;
using Kind = EventLedger.Validator.Network.Wire.PeerMessage.BodyOneofCase;

namespace EventLedger.Validator.Tests.Network.Fuzz;

/// <summary>The readers that a node puts behind the parser, in the order in which it does, without what needs the chain.</summary>
public sealed class FormReaders(Registry registry)
{
    /// <summary>Messages whose every form was good: a run in which none is has tested the first look only.</summary>
    public long Good { get; private set; }

    public void Read(PeerMessage message) => Good += message.BodyCase switch
    {
        Kind.Vote => WireForms.TryRead(message.Vote, out _) ? 1 : 0,
        Kind.Proposal => WireForms.TryRead(message.Proposal, out _) && BlockHeader.TryParse(message.Proposal.Header.Memory, out _) ? 1 : 0,
        Kind.Certificate => message.Certificate.Votes.All(v => WireForms.TryRead(v, out _)) ? 1 : 0,
        Kind.Batch => ReadBatch(message.Batch.Entries, message.Batch.Sidecars) ? 1 : 0,
        Kind.Block => ReadBlock(message.Block) ? 1 : 0,
        Kind.BatchRequest => WireForms.TryValue(message.BatchRequest.Value, out _) ? 1 : 0,
        Kind.Votes => message.Votes.Votes.All(v => WireForms.TryRead(v, out _)) && message.Votes.Proposals.All(p => WireForms.TryRead(p, out _)) ? 1 : 0,
        _ => 1,
    };

    public void Read(WalFrame frame)
    {
        foreach (var record in frame.Records)
        {
            WalForms.HeightOf(record);
            if (record.BodyCase == WalRecord.BodyOneofCase.Intent)
            {
                WalForms.Read(record.Intent);
            }
            Good += WalForms.Read(record) is null ? 0 : 1;
        }
    }

    private bool ReadBlock(BlockReply block)
    {
        var isGood = BlockHeader.TryParse(block.Header.Memory, out _) & Commit.TryParse(block.Commit.Memory, out _) & Chain.TryReadRejected(block.Rejected.Memory) is not null;
        return isGood & (block.Entries.Count == 0 || ReadBatch(block.Entries, block.Sidecars));
    }

    private bool ReadBatch(IEnumerable<ByteString> entries, IEnumerable<ByteString> sidecars)
    {
        ReadOnlyMemory<byte>[] bytes = [.. entries.Select(e => e.Memory)], along = [.. sidecars.Select(s => s.Memory)];
        return CheckedBatch.IsWithinLimits(bytes, along) && CheckedBatch.TryRead(bytes, along, registry) is not null;
    }
}
