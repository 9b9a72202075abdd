using System.Diagnostics.CodeAnalysis;
using EventLedger.Domain.Kernel;
using EventLedger.Validator.Consensus;
using EventLedger.Validator.Network.Wire;
using Google.Protobuf;

namespace EventLedger.Validator.Network;

/// <summary>The core's messages as peers write them, and back. Reading checks form only; signatures are the node's concern.</summary>
public static class WireForms
{
    private const int KidLength = 43, SignatureBytes = 64;

    /// <summary>A value's bytes; empty for nil.</summary>
    public static ByteString Bytes(Digest? value) => value is { } digest ? UnsafeByteOperations.UnsafeWrap(digest.ToArray()) : ByteString.Empty;

    /// <summary>Reads a value; empty is nil, false for any other length than 32.</summary>
    public static bool TryValue(ByteString bytes, out Digest? value)
    {
        value = bytes.Length == Digest.SizeBytes ? new Digest(bytes.Span) : null;
        return bytes.Length is 0 or Digest.SizeBytes;
    }

    /// <summary>Writes a vote.</summary>
    public static SignedVote Write(Vote vote) => new()
    {
        Height = vote.Height, Round = vote.Round, Step = (int)vote.Step, Value = Bytes(vote.Value), From = vote.From,
        Signature = UnsafeByteOperations.UnsafeWrap(vote.Signature),
    };

    /// <summary>Writes a proposal with its header.</summary>
    public static SignedProposal Write(Proposal p, ReadOnlyMemory<byte> header) => new()
    {
        Height = p.Height, Round = p.Round, Value = Bytes(p.Value), ValidRound = p.ValidRound, From = p.From,
        Signature = UnsafeByteOperations.UnsafeWrap(p.Signature), Header = UnsafeByteOperations.UnsafeWrap(header),
    };

    /// <summary>Reads a vote; false when a member is out of range.</summary>
    public static bool TryRead(SignedVote wire, [NotNullWhen(true)] out Vote? vote)
    {
        vote = null;
        if (wire.Height < 1 || wire.Round < 0 || (Step)wire.Step is not (Step.Prevote or Step.Precommit) || wire.From.Length != KidLength
            || wire.Signature.Length != SignatureBytes || !TryValue(wire.Value, out var value))
        {
            return false;
        }
        vote = new(wire.Height, wire.Round, (Step)wire.Step, value, wire.From, wire.Signature.ToByteArray());
        return true;
    }

    /// <summary>Reads a proposal; false when a member is out of range.</summary>
    public static bool TryRead(SignedProposal wire, [NotNullWhen(true)] out Proposal? proposal)
    {
        proposal = null;
        if (wire.Height < 1 || wire.Round < 0 || wire.ValidRound < -1 || wire.ValidRound >= wire.Round || wire.From.Length != KidLength
            || wire.Signature.Length != SignatureBytes || !TryValue(wire.Value, out var value) || value is not { } digest)
        {
            return false;
        }
        proposal = new(wire.Height, wire.Round, digest, wire.ValidRound, wire.From, wire.Signature.ToByteArray());
        return true;
    }
}
