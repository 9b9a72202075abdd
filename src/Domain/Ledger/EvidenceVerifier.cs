using System.Globalization;
using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>What can be said of evidence; the number is the CLI's exit code.</summary>
public enum EvidenceFinding
{
    /// <summary>No honest validator signs these two.</summary>
    Proved = 0,

    /// <summary>It shows nothing against anybody: forged, no contradiction, or answered.</summary>
    NotProved = 1,

    /// <summary>The signatures are genuine, and whether both were right cannot be told from them; or the signer is nobody that the genesis file names.</summary>
    CannotTell = 2,
}

/// <summary>What a verifier says of evidence, with its reason.</summary>
/// <param name="Finding">Proved, not proved, or cannot tell.</param>
/// <param name="Code"><c>ok</c>, <c>accused</c>, <c>answered</c>; <see cref="VerdictCode"/> where the file cannot be read; else the <see cref="RejectionCode"/>.</param>
/// <param name="Text">In plain words.</param>
/// <param name="Evidence">What was read; null when nothing could be.</param>
public sealed record EvidenceVerdict(EvidenceFinding Finding, string Code, string Text, Evidence? Evidence)
{
    /// <summary>proved, not-proved or cannot-tell.</summary>
    public string Word => Finding switch
    {
        EvidenceFinding.Proved => "proved",
        EvidenceFinding.NotProved => "not-proved",
        _ => "cannot-tell",
    };
}

/// <summary>Judges evidence offline with nothing but the genesis file. Whether and when it was sealed is another question, which its entry answers.</summary>
public static class EvidenceVerifier
{
    /// <summary>Two statements of one round are proof.</summary>
    public const string Ok = "ok";

    /// <summary>An accusation of amnesia that nobody has answered in this file.</summary>
    public const string Accused = "accused";

    /// <summary>An accusation of amnesia with the prevotes that justify the second statement.</summary>
    public const string Answered = "answered";

    /// <summary>Judges a file.</summary>
    /// <param name="file">The evidence's bytes.</param>
    /// <param name="genesisFile">The genesis file's bytes: the one thing that is trusted.</param>
    public static EvidenceVerdict Verify(ReadOnlyMemory<byte> file, ReadOnlyMemory<byte> genesisFile)
    {
        if (!Genesis.TryParse(genesisFile, out var genesis))
        {
            return new(EvidenceFinding.CannotTell, VerdictCode.Chain, "The genesis file is not one.", null);
        }
        using var document = file.Length > Evidence.SizeBytesMax ? null : Jcs.TryParse(file);
        if (document?.RootElement is not { ValueKind: JsonValueKind.Object } json)
        {
            return new(EvidenceFinding.NotProved, VerdictCode.NotJson, "This is no evidence: not a JSON object, a name twice, or too large.", null);
        }
        if (!Jcs.Bytes(json).AsSpan().SequenceEqual(file.Span))
        {
            return new(EvidenceFinding.NotProved, VerdictCode.NotCanonical, "The file is not in its one canonical form (RFC 8785): somebody rewrote it.", null);
        }
        if (json.TryGetProperty("v", out var v) && v.GetRawText() != "1")
        {
            return new(EvidenceFinding.CannotTell, VerdictCode.Version, "The evidence is of a version that this verifier does not know.", null);
        }
        return Evidence.TryParse(json, out var evidence)
            ? Judge(evidence, genesis)
            : new(EvidenceFinding.NotProved, VerdictCode.Members, "The evidence has a member too many, too few or of the wrong kind.", null);
    }

    private static EvidenceVerdict Judge(Evidence evidence, Genesis genesis)
    {
        var who = genesis.Validators.FirstOrDefault(v => v.Member.Kid == evidence.Kid)?.Name ?? evidence.Kid;
        string In(FormattableString words) => words.ToString(CultureInfo.InvariantCulture);
        return (evidence.Problem(genesis.Chain, genesis.Set), evidence) switch
        {
            (RejectionCode.LedgerWrong, _) => new(EvidenceFinding.NotProved, RejectionCode.LedgerWrong, $"It is of chain {evidence.Chain}, not of {genesis.Chain}.", evidence),
            (RejectionCode.MemberUnknown, _) => new(EvidenceFinding.CannotTell, RejectionCode.MemberUnknown, $"The genesis file names no validator with key {evidence.Kid}.", evidence),
            (RejectionCode.EvidenceVoid, _) => new(EvidenceFinding.NotProved, RejectionCode.EvidenceVoid, "The two statements do not contradict each other: an honest validator may sign both.", evidence),
            (RejectionCode.SignatureWrong, _) => new(EvidenceFinding.NotProved, RejectionCode.SignatureWrong, $"{who} did not sign both statements.", evidence),
            ({ } code, _) => new(EvidenceFinding.NotProved, code, "What is shown as an answer does not justify the second statement; without it the file would be an accusation.", evidence),
            (_, { Kind: EvidenceKind.DoubleVote }) => new(EvidenceFinding.Proved, Ok,
                In($"{who} signed two {evidence.First.Step}s for different blocks at height {evidence.Height}, round {evidence.First.Round}."), evidence),
            (_, { Kind: EvidenceKind.DoubleProposal }) => new(EvidenceFinding.Proved, Ok,
                In($"{who} signed two proposals of different blocks at height {evidence.Height}, round {evidence.First.Round}."), evidence),
            (_, { Answer: { } answer }) => new(EvidenceFinding.NotProved, Answered,
                In($"{who} left one block for another at height {evidence.Height}, and was right to: more than two thirds had prevoted for it in round {answer.Round}."), evidence),
            _ => new(EvidenceFinding.CannotTell, Accused,
                In($"{who} precommitted one block in round {evidence.First.Round} of height {evidence.Height} and signed a {evidence.Second.Step} for another in round {evidence.Second.Round}. Both signatures are genuine. It broke the lock rule unless more than two thirds had prevoted for the other block from round {evidence.First.Round} on; this file does not show that they had."), evidence),
        };
    }
}
