using System.Collections.Frozen;
using EventLedger.Validator.Node;
using EventLedger.Wire;
using Kind = EventLedger.Validator.Network.Wire.PeerMessage.BodyOneofCase;

namespace EventLedger.Validator.Network;

/// <summary>What one kind of message may cost.</summary>
/// <param name="BytesMax">Largest message, in bytes.</param>
/// <param name="PerSecond">Messages per second that are read without a wait.</param>
/// <param name="Burst">Messages that are read at once after a pause.</param>
/// <param name="ItemsMax">Most items of each repeated field.</param>
/// <param name="PartBytesMax">Largest field that is not an item, in bytes.</param>
/// <param name="IsReply">Whether it only ever comes because it was asked for; one that was not is skipped unread.</param>
public sealed record PeerLimit(int BytesMax, int PerSecond, int Burst, int ItemsMax = 0, int PartBytesMax = 64, bool IsReply = false);

/// <summary>
/// The limits of each kind of peer message. An honest validator stays below each of them at its busiest: 250 heights per second (a height
/// needs three flushes of the disk), 31 members, and a healed network in which all its 30 streams open again at once. Whoever sends more
/// is read more slowly, so that flow control slows it down; nothing is lost by that.
/// </summary>
public static class PeerLimits
{
    /// <summary>Bytes per second that are read of one peer: six of the largest batches, more than a core verifies.</summary>
    public const int BytesPerSecond = 32 << 20;

    /// <summary>Bytes at once: two of the largest messages.</summary>
    public const int BytesBurst = 2 * (GrpcFrames.MessageBytesMax + GrpcFrames.HeadBytes);

    // A repetition names 3 votes of each member: precommits of the round before, prevotes and precommits of this one. It comes once a
    // second while a height is stuck, and once for each stream that opens.
    private const int HeightsPerSecond = 250, MembersMax = 31, OpeningsMax = MembersMax - 1, RepeatedVotes = 3 * MembersMax;

    // Height 11 + round 11 + step 11 + value 34 + kid 45 + signature 66 = 178 bytes at most, and 3 before it as an item.
    private const int VoteBytesMax = 181;

    // A proposal is a vote with the valid round in place of the step, and its header.
    private const int HeaderBytesMax = 4096, ProposalBytesMax = VoteBytesMax + HeaderBytesMax + 3, CommitBytesMax = 8192, RejectedBytesMax = 256 << 10;

    private static readonly FrozenDictionary<Kind, PeerLimit> Limits = new Dictionary<Kind, PeerLimit>
    {
        // Once a second, and once for each stream that opens.
        [Kind.Hello] = new(16, 4, 4 + OpeningsMax),
        // Two of its own in each height, and what it repeats: 500 + 93 per second, and at once 93 for each stream that opens while the heights go on.
        [Kind.Vote] = new(VoteBytesMax + 2, 2 * HeightsPerSecond + 5 * RepeatedVotes, MembersMax * RepeatedVotes),
        // One in each height, and two that it repeats.
        [Kind.Proposal] = new(ProposalBytesMax + 4, HeightsPerSecond + 50, HeightsPerSecond + 2 * OpeningsMax, PartBytesMax: HeaderBytesMax),
        // Sent in repetitions only: the polkas that a round rests on and the precommits of a decision, four at most.
        [Kind.Certificate] = new(MembersMax * VoteBytesMax + 4, 16, 4 * OpeningsMax, ItemsMax: MembersMax),
        // A validator that its host does not reach asks for each batch, and again each second.
        [Kind.BatchRequest] = new(40, HeightsPerSecond + 50, HeightsPerSecond + 2 * OpeningsMax),
        [Kind.Batch] = new(GrpcFrames.MessageBytesMax, HeightsPerSecond, HeightsPerSecond, CheckedBatch.EntriesMax, HeaderBytesMax, IsReply: true),
        // One after the other while it catches up, and no faster than blocks are checked and flushed.
        [Kind.BlockRequest] = new(32, 2 * HeightsPerSecond, 2 * HeightsPerSecond),
        [Kind.Block] = new(GrpcFrames.MessageBytesMax, 2 * HeightsPerSecond, 2 * HeightsPerSecond, CheckedBatch.EntriesMax, RejectedBytesMax, IsReply: true),
        // Once a second while it waits for answers, and once for each stream that opens.
        [Kind.VotesRequest] = new(64, 4, 4 + OpeningsMax),
        // Two votes and a proposal, which comes without its header; room for eight of each.
        [Kind.Votes] = new(64 + 16 * VoteBytesMax, 4, 4 + OpeningsMax, ItemsMax: 8, IsReply: true),
    }.ToFrozenDictionary();

    /// <summary>The limit of a kind; null for what is no kind.</summary>
    public static PeerLimit? Of(Kind kind) => Limits.GetValueOrDefault(kind);

    /// <summary>All kinds.</summary>
    public static IEnumerable<Kind> Kinds => Limits.Keys;
}
