using System.Security.Cryptography;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network;
using EventLedger.Validator.Network.Wire;
using EventLedger.Validator.Tests.Node;
using EventLedger.Wire;
using Google.Protobuf;
using Step = EventLedger.Validator.Consensus.Step;

namespace EventLedger.Validator.Tests.Network.Flood;

/// <summary>What a hostile peer may pour out, by name: each gives the next bytes to write.</summary>
public sealed class Floods(TestNetwork net, string self, Func<long> height)
{
    private const int PieceBytes = 64 << 10;

    private readonly Random random = new(5);

    public IReadOnlyList<(string Name, Func<ReadOnlyMemory<byte>> Next)> All =>
    [
        ("garbage", Always(RandomNumberGenerator.GetBytes(PieceBytes))),
        ("garbage in frames", Always(Framed(RandomNumberGenerator.GetBytes(200)))),
        ("a frame too large", Always([0, 0x7f, 0xff, 0xff, 0xff, .. new byte[PieceBytes]])),
        ("large answers that nobody asked for", Always(GrpcFrames.Encode(Large()))),
        ("valid votes of height 1", Always(Many(300, i => Vote(1, i)))),
        ("valid votes of heights to come", Always(Many(300, i => i % 10 == 0 ? new() { Hello = new() { Height = long.MaxValue } } : Vote(1_000_000 + i, 0)))),
        ("certificates full of signatures", () => Many(10, _ => Certificate(height() + 1))),
        ("forged votes in the names of others", () => Many(300, i => LoneNode.Forged(Others[i % Others.Count], i, Step.Prevote, null), height() + 1)),
        ("requests for batches", Always(Many(1000, i => new() { BatchRequest = new() { Value = WireForms.Bytes(Digest.Of($"{i}")) } }))),
        ("requests for large blocks", Always(Many(1000, _ => new() { BlockRequest = new() { From = 1, Count = 1 } }))),
    ];

    private List<string> Others => [.. net.Genesis.Set.Members.Select(m => m.Kid).Where(kid => kid != self)];

    private static Func<ReadOnlyMemory<byte>> Always(byte[] bytes) => () => bytes;

    private static byte[] Framed(byte[] junk) => [0, 0, 0, 0, (byte)junk.Length, .. junk];

    private static byte[] Many(int count, Func<int, PeerMessage> message, long at = 0) => [.. Enumerable.Range(0, count).SelectMany(i => GrpcFrames.Encode(At(message(i), at)))];

    private static PeerMessage At(PeerMessage message, long height)
    {
        if (height > 0)
        {
            message.Vote.Height = height;
        }
        return message;
    }

    private static PeerMessage Large() => new() { Batch = new() { Entries = { ByteString.CopyFrom(new byte[5 << 20]) } } };

    private PeerMessage Vote(long height, int round) => new()
    {
        Vote = WireForms.Write(new Vote(height, round, Step.Prevote, null, self, net.KeyOf(self).Sign(Commit.VoteBytes(net.Genesis.Chain, height, round, "prevote", null)))),
    };

    private PeerMessage Certificate(long height)
    {
        var certificate = new Certificate();
        for (var i = 0; i < 31; i++)
        {
            var signature = new byte[64];
            random.NextBytes(signature);
            certificate.Votes.Add(WireForms.Write(new Vote(height, 0, Step.Precommit, Digest.Of("x"), Others[i % Others.Count], signature)));
        }
        return new() { Certificate = certificate };
    }
}
