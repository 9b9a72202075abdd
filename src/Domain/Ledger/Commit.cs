using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>One validator's signature.</summary>
/// <param name="Kid">Its consensus key's id (or status key's, in a status proof).</param>
/// <param name="Sig">r ‖ s, 64 bytes as base64url.</param>
public readonly record struct KidSignature(string Kid, string Sig);

/// <summary>Why a block is final: precommits of more than two thirds of the voting power. Source: DESIGN section 3 "A commit".</summary>
/// <param name="Height">Height of the block.</param>
/// <param name="Round">Round in which it was decided, from 0.</param>
/// <param name="Block">Block hash.</param>
/// <param name="Signatures">Ascending by kid, no duplicates.</param>
public sealed record Commit(long Height, long Round, Digest Block, IReadOnlyList<KidSignature> Signatures)
{
    /// <summary>The bytes that a validator signs for a vote. A null block is a vote for nil.</summary>
    /// <param name="chain">Chain id.</param>
    /// <param name="height">Height.</param>
    /// <param name="round">Round, from 0.</param>
    /// <param name="step"><c>prevote</c> or <c>precommit</c>.</param>
    /// <param name="block">Block hash, or null for nil.</param>
    public static byte[] VoteBytes(string chain, long height, long round, string step, Digest? block) => Jcs.Bytes(new JsonObject
    {
        ["chain"] = chain, ["height"] = height, ["round"] = round, ["step"] = step, ["block"] = block?.ToString(),
    });

    /// <summary>The bytes that a proposer signs. <paramref name="validRound"/> is -1 for a fresh proposal.</summary>
    public static byte[] ProposalBytes(string chain, long height, long round, long validRound, Digest block) => Jcs.Bytes(new JsonObject
    {
        ["chain"] = chain, ["height"] = height, ["round"] = round, ["step"] = "propose", ["validRound"] = validRound, ["block"] = block.ToString(),
    });

    /// <summary>Null when every signature is by a distinct member, verifies, and together they are a quorum; else <c>commit</c> or <c>quorum</c>.</summary>
    /// <param name="chain">Chain id.</param>
    /// <param name="set">Whose commit it must be.</param>
    /// <param name="verify">Tells whether a member signed a message; null stands for ES256, which every commit outside of a simulation bears.</param>
    public string? Problem(string chain, ValidatorSet set, Func<Member, byte[], byte[], bool>? verify = null)
    {
        return PowerBehind(VoteBytes(chain, Height, Round, "precommit", Block), Signatures, set, verify) switch
        {
            null => VerdictCode.Commit,
            { } power => set.IsQuorum(power) ? null : VerdictCode.Quorum,
        };
    }

    /// <summary>The voting power that signed a message; null unless the signatures are ascending by kid, all by members, and each verifies.</summary>
    internal static long? PowerBehind(byte[] message, IReadOnlyList<KidSignature> signatures, ValidatorSet set, Func<Member, byte[], byte[], bool>? verify = null)
    {
        long power = 0;
        string? before = null;
        foreach (var (kid, sig) in signatures)
        {
            if ((before is not null && string.CompareOrdinal(before, kid) >= 0) || set.Find(kid) is not { } member
                || !B64.TryDecode(sig, out var bytes) || !(verify?.Invoke(member, message, bytes) ?? member.Jwk.Verify(message, bytes)))
            {
                return null;
            }
            before = kid;
            power += member.Power;
        }
        return power;
    }

    /// <summary>The commit as JSON.</summary>
    public JsonObject ToJson() => new()
    {
        ["v"] = 1, ["height"] = Height, ["round"] = Round, ["block"] = Block.ToString(), ["signatures"] = SignaturesToJson(Signatures),
    };

    /// <summary>Canonical bytes.</summary>
    public byte[] ToBytes() => Jcs.Bytes(ToJson());

    /// <summary>Reads canonical bytes.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out Commit? commit)
    {
        commit = null;
        using var document = Jcs.TryParse(bytes);
        return document is not null && TryParse(document.RootElement, out commit) && Jcs.IsCanonical(bytes);
    }

    /// <summary>Reads exactly these members.</summary>
    public static bool TryParse(JsonElement json, [NotNullWhen(true)] out Commit? commit)
    {
        commit = null;
        if (!Members.TryRead(json, out var m, "block", "height", "round", "signatures", "v") || !m.IsOne("v") || !m.TryLong("height", 1, out var height)
            || !m.TryLong("round", 0, out var round) || !m.TryDigest("block", out var block) || !TryReadSignatures(m["signatures"], out var signatures))
        {
            return false;
        }
        commit = new(height, round, block, signatures);
        return true;
    }

    internal static JsonArray SignaturesToJson(IReadOnlyList<KidSignature> signatures) =>
        [.. signatures.Select(s => new JsonObject { ["kid"] = s.Kid, ["sig"] = s.Sig })];

    internal static bool TryReadSignatures(JsonElement json, out List<KidSignature> signatures)
    {
        signatures = [];
        if (json.ValueKind != JsonValueKind.Array)
        {
            return false;
        }
        foreach (var item in json.EnumerateArray())
        {
            if (!Members.TryRead(item, out var m, "kid", "sig") || !m.TryText("kid", out var kid) || !m.TryText("sig", out var sig))
            {
                return false;
            }
            signatures.Add(new(kid, sig));
        }
        return true;
    }
}
