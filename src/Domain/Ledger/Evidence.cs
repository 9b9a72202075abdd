using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>What two statements of one validator together show.</summary>
public static class EvidenceKind
{
    /// <summary>Two prevotes, or two precommits, for one height and round and different blocks. It is proved by the two alone.</summary>
    public const string DoubleVote = "double-vote";

    /// <summary>Two proposals of different blocks for one height and round. It is proved by the two alone.</summary>
    public const string DoubleProposal = "double-proposal";

    /// <summary>
    /// A precommit for one block and, in a later round, a vote for another. That is right where more than two thirds had prevoted for the other in between, so the
    /// two alone accuse and do not prove: the accused answers with those prevotes.
    /// </summary>
    public const string Amnesia = "amnesia";
}

/// <summary>One statement in consensus, as its signer made it.</summary>
/// <param name="Step"><c>propose</c>, <c>prevote</c> or <c>precommit</c>.</param>
/// <param name="Round">Round, from 0.</param>
/// <param name="ValidRound">For a proposal the round it rests on, -1 for a fresh one; null for a vote.</param>
/// <param name="Block">Block hash; null is a vote for nil.</param>
/// <param name="Sig">r ‖ s, 64 bytes as base64url.</param>
public sealed record SignedStatement(string Step, long Round, long? ValidRound, Digest? Block, string Sig)
{
    /// <summary>Whether a key signed exactly this, on this chain and for this height.</summary>
    public bool IsSignedBy(Jwk key, string chain, long height)
    {
        var bytes = ValidRound is { } rests && Block is { } block ? Commit.ProposalBytes(chain, height, Round, rests, block) : Commit.VoteBytes(chain, height, Round, Step, Block);
        return B64.TryDecode(Sig, out var signature) && key.Verify(bytes, signature);
    }

    /// <summary>The members <c>{block, round, sig, step}</c>, and <c>validRound</c> for a proposal.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject { ["step"] = Step, ["round"] = Round, ["block"] = Block?.ToString(), ["sig"] = Sig };
        if (ValidRound is { } round)
        {
            json["validRound"] = round;
        }
        return json;
    }

    internal static bool TryParse(JsonElement json, [NotNullWhen(true)] out SignedStatement? statement)
    {
        statement = null;
        long rests = 0;
        var block = default(Digest);
        if (!Members.TryRead(json, out var m, "block", "round", "sig", "step", "validRound?") || !m.TryText("step", out var step) || step is not ("propose" or "prevote" or "precommit")
            || !m.TryLong("round", 0, out var round) || !m.TryText("sig", out var sig) || m.Has("validRound") != (step == "propose")
            || (step == "propose" && !m.TryLong("validRound", -1, out rests)))
        {
            return false;
        }
        var isNil = m["block"].ValueKind == JsonValueKind.Null;
        if (isNil ? step == "propose" : !m.TryDigest("block", out block))
        {
            return false;
        }
        statement = new(step, round, step == "propose" ? rests : null, isNil ? null : block, sig);
        return true;
    }
}

/// <summary>More than two thirds of the power prevoted for one block in one round: after this a validator may leave an earlier block for it.</summary>
/// <param name="Round">Round of the prevotes.</param>
/// <param name="Signatures">Ascending by kid, no duplicates.</param>
public sealed record EvidenceAnswer(long Round, IReadOnlyList<KidSignature> Signatures);

/// <summary>
/// Two signed statements of one validator that contradict each other. It stands on its own: whoever knows the chain and its validators can check it, and nobody
/// but the accused can make it. Source: DESIGN section 6; arXiv 1807.04938 lines 22 to 43.
/// </summary>
/// <param name="Chain">Chain id.</param>
/// <param name="Kind">One of <see cref="EvidenceKind"/>.</param>
/// <param name="Kid">The accused, by its consensus key.</param>
/// <param name="Height">Height of both statements.</param>
/// <param name="First">Of two in one round that with the lesser block, nil before all; for amnesia the earlier one.</param>
/// <param name="Second">The other one.</param>
/// <param name="Answer">For amnesia the prevotes that justify the second statement; null while nobody shows them.</param>
public sealed record Evidence(string Chain, string Kind, string Kid, long Height, SignedStatement First, SignedStatement Second, EvidenceAnswer? Answer = null)
{
    /// <summary>Largest evidence, in bytes: an answer of 31 validators has less.</summary>
    public const int SizeBytesMax = 16 << 10;

    /// <summary>What it is about; two of one key show the same misbehaviour, whatever their bytes, for anybody may sign one statement in many ways.</summary>
    public Digest Key => Digest.Of(string.Create(CultureInfo.InvariantCulture, $"evidence\n{Kind}\n{Kid}\n{Height}\n{First.Round}\n{Second.Round}\n{Second.Step}"));

    /// <summary>Two statements of one round, in the one order; null when they do not contradict each other.</summary>
    public static Evidence? Of(string chain, string kid, long height, SignedStatement one, SignedStatement other)
    {
        var (first, second) = Compare(one.Block, other.Block) <= 0 ? (one, other) : (other, one);
        var evidence = new Evidence(chain, one.Step == "propose" ? EvidenceKind.DoubleProposal : EvidenceKind.DoubleVote, kid, height, first, second);
        return evidence.IsContradiction ? evidence : null;
    }

    /// <summary>
    /// Null when both statements are by a member of the set and contradict each other, and the answer, where there is one, justifies the second; else the rejection code:
    /// ledger-wrong, member-unknown, evidence-void, signature-wrong, evidence-answer.
    /// </summary>
    /// <param name="chain">Chain id.</param>
    /// <param name="set">Validators in force at <see cref="Height"/>.</param>
    public string? Problem(string chain, ValidatorSet set)
    {
        if (Chain != chain)
        {
            return RejectionCode.LedgerWrong;
        }
        if (set.Find(Kid) is not { } member)
        {
            return RejectionCode.MemberUnknown;
        }
        if (!IsContradiction)
        {
            return RejectionCode.EvidenceVoid;
        }
        if (!First.IsSignedBy(member.Jwk, chain, Height) || !Second.IsSignedBy(member.Jwk, chain, Height))
        {
            return RejectionCode.SignatureWrong;
        }
        return Answer is null || IsJustified(Answer, set) ? null : RejectionCode.EvidenceAnswer;
    }

    /// <summary>The evidence as JSON.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["v"] = 1, ["chain"] = Chain, ["kind"] = Kind, ["kid"] = Kid, ["height"] = Height, ["first"] = First.ToJson(), ["second"] = Second.ToJson(),
        };
        if (Answer is { } answer)
        {
            json["answer"] = new JsonObject { ["round"] = answer.Round, ["signatures"] = Commit.SignaturesToJson(answer.Signatures) };
        }
        return json;
    }

    /// <summary>Canonical bytes.</summary>
    public byte[] ToBytes() => Jcs.Bytes(ToJson());

    /// <summary>The evidence that an entry shows or answers; null when it holds none that can be read.</summary>
    public static Evidence? In(Entry entry)
    {
        using var data = JsonDocument.Parse(entry.Data);
        return data.RootElement.TryGetProperty("evidence", out var json) && TryParse(json, out var evidence) ? evidence : null;
    }

    /// <summary>Reads canonical bytes.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out Evidence? evidence)
    {
        evidence = null;
        using var document = bytes.Length > SizeBytesMax ? null : Jcs.TryParse(bytes);
        return document is not null && TryParse(document.RootElement, out evidence) && evidence.ToBytes().AsSpan().SequenceEqual(bytes.Span);
    }

    /// <summary>Reads exactly these members.</summary>
    public static bool TryParse(JsonElement json, [NotNullWhen(true)] out Evidence? evidence)
    {
        evidence = null;
        if (!Members.TryRead(json, out var m, "answer?", "chain", "first", "height", "kid", "kind", "second", "v") || !m.IsOne("v") || !m.TryText("chain", out var chain)
            || !m.TryText("kind", out var kind) || !m.TryText("kid", out var kid) || !m.TryLong("height", 1, out var height)
            || !SignedStatement.TryParse(m["first"], out var first) || !SignedStatement.TryParse(m["second"], out var second))
        {
            return false;
        }
        EvidenceAnswer? answer = null;
        if (m.Has("answer"))
        {
            if (!Members.TryRead(m["answer"], out var a, "round", "signatures") || !a.TryLong("round", 0, out var round) || !Commit.TryReadSignatures(a["signatures"], out var signatures))
            {
                return false;
            }
            answer = new(round, signatures);
        }
        evidence = new(chain, kind, kid, height, first, second, answer);
        return true;
    }

    private bool IsContradiction => Kind switch
    {
        EvidenceKind.DoubleVote => Answer is null && First.Step == Second.Step && First.Step is "prevote" or "precommit" && First.Round == Second.Round && IsOrdered,
        EvidenceKind.DoubleProposal => Answer is null && (First.Step, Second.Step) == ("propose", "propose") && First.Round == Second.Round && IsOrdered,
        EvidenceKind.Amnesia => First.Step == "precommit" && Second.Step is "prevote" or "precommit" && First.Round < Second.Round && First.Block is { } left && Second.Block is { } taken && left != taken,
        _ => false,
    };

    private bool IsOrdered => Compare(First.Block, Second.Block) < 0;

    // A prevote rests on a polka of an earlier round (L28), a precommit also on one of its own (L36); what came before the first statement had no bearing on it.
    private bool IsJustified(EvidenceAnswer polka, ValidatorSet set) => polka.Round >= First.Round && (polka.Round < Second.Round || (polka.Round == Second.Round && Second.Step == "precommit"))
        && Commit.PowerBehind(Commit.VoteBytes(Chain, Height, polka.Round, "prevote", Second.Block), polka.Signatures, set) is { } power && set.IsQuorum(power);

    private static int Compare(Digest? one, Digest? other) => Nullable.Compare(one, other);
}
