using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Tests.Node;
using EventLedger.Wire;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace EventLedger.Validator.Tests.Network.Fuzz;

/// <summary>What mutations start from: messages as validators really send them, with real headers, commits and entries, beside some with any values.</summary>
public static class Corpus
{
    /// <summary>Messages of all types that travel or are stored alone; peers' messages most.</summary>
    public static IReadOnlyList<IMessage> Messages(TestNetwork net)
    {
        var random = new Random(3);
        var peers = Real(net).Concat(PeerMessage.Descriptor.Fields.InDeclarationOrder().SelectMany(field => Any(PeerMessage.Descriptor, random, field)));
        var records = WalRecord.Descriptor.Fields.InDeclarationOrder().SelectMany(field => Any(WalRecord.Descriptor, random, field));
        var logs = records.Select(record => new WalFrame { Records = { (WalRecord)record } });
        var calls = new[] { Batch.Descriptor, Block.Descriptor, BlocksRequest.Descriptor, StatusRequest.Descriptor, StatusReply.Descriptor, HealthReply.Descriptor }
            .SelectMany(type => Any(type, random, null));
        return [.. peers, .. logs, .. calls];
    }

    private static IEnumerable<PeerMessage> Real(TestNetwork net)
    {
        var (entries, set) = (net.Entries(1, 3).Select(e => e.ToBytes()).ToList(), net.Genesis.Set);
        var header = new BlockHeader(net.Genesis.Chain, 2, Digest.Of("p"), LedgerTime.From(DateTimeOffset.UnixEpoch.AddYears(56)), 2, 4, Digest.Of("r"), Digest.Of("s"), Digest.Zero,
            set.Hash, set.Hash, set.Members[1].Kid);
        var signed = Commit.VoteBytes(net.Genesis.Chain, 2, 0, "precommit", header.Hash);
        var commit = new Commit(2, 0, header.Hash, [.. set.Members.Take(3).Select(m => new KidSignature(m.Kid, B64.Encode(net.KeyOf(m.Kid).Sign(signed))))]);
        var votes = set.Members.Take(3).Select(m => new SignedVote
        {
            Height = 2, Step = 3, Value = Of(header.Hash.ToArray()), From = m.Kid, Signature = Of(net.KeyOf(m.Kid).Sign(signed)),
        }).ToList();
        var proposal = new SignedProposal { Height = 2, Value = votes[0].Value, ValidRound = -1, From = header.Proposer, Signature = votes[1].Signature, Header = Of(header.ToBytes()) };
        yield return new() { Hello = new() { Height = 2 } };
        yield return new() { Proposal = proposal };
        yield return new() { Vote = votes[0] };
        yield return new() { Certificate = new() { Votes = { votes } } };
        yield return new() { BatchRequest = new() { Value = votes[0].Value } };
        yield return new() { Batch = new() { Header = proposal.Header, Entries = { entries.Select(Of) }, Sidecars = { entries.Select(_ => ByteString.Empty) } } };
        yield return new() { BlockRequest = new() { From = 2, Count = 1 } };
        foreach (var rejected in new[] { "[]", """[[2,"time-wrong"],[4,"type-unknown"]]""" })
        {
            yield return new()
            {
                Block = new()
                {
                    Height = 2, Header = proposal.Header, Commit = Of(commit.ToBytes()), Rejected = ByteString.CopyFromUtf8(rejected), Entries = { entries.Select(Of) },
                    Sidecars = { entries.Select(_ => ByteString.Empty) },
                },
            };
        }
        yield return new() { VotesRequest = new() { Kid = header.Proposer } };
        yield return new() { Votes = new() { Kid = header.Proposer, Votes = { votes[1] }, Proposals = { proposal.Clone() } } };
        // The genesis entry is the largest and deepest JSON that any validator reads.
        yield return new() { Batch = new() { Header = proposal.Header, Entries = { Of(net.Genesis.Entry.ToBytes()) }, Sidecars = { ByteString.Empty } } };
    }

    private static IEnumerable<IMessage> Any(MessageDescriptor type, Random random, FieldDescriptor? field) =>
        Enumerable.Range(0, 2).Select(_ => WireTypes.Fill(type, random, field is null ? null : [field]));

    private static ByteString Of(byte[] bytes) => ByteString.CopyFrom(bytes);
}
