using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>Verifies each of the proofs there are: of a record, of an entry of any type, that one head extends another, and of a signed report. Source: docs/formats.md sections 9, 11 and 12.</summary>
public static class AnyProof
{
    /// <summary>Judges a proof; which one it is, its members say.</summary>
    /// <param name="proof">The proof's bytes.</param>
    /// <param name="genesisFile">The genesis file's bytes: the one thing that is trusted.</param>
    public static Verdict Verify(ReadOnlyMemory<byte> proof, ReadOnlyMemory<byte> genesisFile)
    {
        using var document = proof.Length > ProofVerifier.SizeBytesMax ? null : Jcs.TryParse(proof);
        if (document?.RootElement is { ValueKind: JsonValueKind.Object } root && !root.TryGetProperty("record", out _) && !root.TryGetProperty("issuer", out _))
        {
            if (root.TryGetProperty("entry", out _))
            {
                return Refused.Judge(checks => Entry(proof, genesisFile, checks));
            }
            if (root.TryGetProperty("report", out _))
            {
                return Refused.Judge(checks => Report(proof, genesisFile, checks));
            }
            if (root.TryGetProperty("first", out _))
            {
                return Refused.Judge(checks => Consistency(proof, genesisFile, checks));
            }
        }
        return ProofVerifier.Verify(proof, genesisFile);
    }

    private static (string, bool) Entry(ReadOnlyMemory<byte> proof, ReadOnlyMemory<byte> genesisFile, List<VerdictCheck> checks)
    {
        var seal = new SealCheck();
        seal.ReadGenesis(genesisFile);
        var root = SealCheck.ReadCanonical(proof);
        SealCheck.CheckVersions(root);
        if (!Members.TryRead(root, out var m, "commit", "disclosures?", "entry", "header", "path", "previousResults", "rejected", "sets", "v"))
        {
            throw new Refused("content", VerdictCode.Members, "The proof has a member too many or too few.");
        }
        if (!Ledger.Entry.TryParse(Jcs.Bytes(m["entry"]), out var entry))
        {
            throw new Refused("content", VerdictCode.Entry, "The entry has a member too many, too few or of the wrong kind.");
        }
        var shown = Disclosed(entry, m.Has("disclosures") ? m["disclosures"] : null);
        checks.Add(new("content", true, $"The event {entry.Type} of stream {entry.Stream}, version {entry.Version.ToString(CultureInfo.InvariantCulture)}, is complete; {shown} hidden value(s) are shown."));
        if (!BlockHeader.TryParse(m["header"], out var header) || !Commit.TryParse(m["commit"], out var commit))
        {
            throw new Refused("sealed", VerdictCode.Members, "Header or commit has a member too many, too few or of the wrong kind.");
        }
        seal.ReadSets(m["sets"]);
        var signed = seal.CheckSealed(header, commit);
        SealCheck.CheckPlace(m["path"], entry, header);
        SealCheck.CheckResults(m["previousResults"], m["rejected"], entry, header);
        seal.CheckSetsUsed(header.Height);
        checks.Add(new("sealed", true, string.Create(CultureInfo.InvariantCulture,
            $"Sealed as entry {entry.Seq} in block {header.Height} at {header.Time} by {signed} of {seal.SetAt(header.Height).Members.Count} validators, not rejected.")));
        return (VerdictCode.Ok, false);
    }

    // A report stands by the digest that a supervisor signed; that validators checked the signature is what the sealed entry proves.
    private static (string, bool) Report(ReadOnlyMemory<byte> file, ReadOnlyMemory<byte> genesisFile, List<VerdictCheck> checks)
    {
        var root = SealCheck.ReadCanonical(file);
        SealCheck.CheckVersions(root);
        if (!Members.TryRead(root, out var m, "proof", "report", "v") || m["proof"].ValueKind != JsonValueKind.Object || !m["proof"].TryGetProperty("entry", out var sealing)
            || !Ledger.Entry.TryParse(Jcs.Bytes(sealing), out var entry))
        {
            throw new Refused("content", VerdictCode.Members, "The report has a member too many or too few.");
        }
        var verdict = Entry(Jcs.Bytes(m["proof"]), genesisFile, checks);
        using var data = JsonDocument.Parse(entry.Data);
        if (entry.Type != EventTable.ReportSealed || !data.RootElement.TryGetProperty("digest", out var digest) || digest.GetString() != Digest.Of(Jcs.Bytes(m["report"])).ToString())
        {
            throw new Refused("content", VerdictCode.RecordMismatch, "The report is not the one that was signed.");
        }
        checks.Add(new("issuer", true, $"Signed by supervisor {entry.Actor}, as the validators checked before they sealed it."));
        return verdict;
    }

    // Each must be the preimage of one digest of the entry, and no two of the same.
    private static int Disclosed(Entry entry, JsonElement? json)
    {
        if (json is not { } list)
        {
            return 0;
        }
        using var data = JsonDocument.Parse(entry.Data);
        var digests = data.RootElement.TryGetProperty("_sd", out var sd) && sd.IsTexts(out var found) ? found.ToHashSet(StringComparer.Ordinal) : [];
        if (!list.IsTexts(out var texts) || texts.Count == 0 || texts.Any(t => !digests.Remove(B64.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(t))))))
        {
            throw new Refused("content", VerdictCode.Disclosure, "A shown value belongs to none of the entry's digests.");
        }
        return texts.Count;
    }

    private static (string, bool) Consistency(ReadOnlyMemory<byte> proof, ReadOnlyMemory<byte> genesisFile, List<VerdictCheck> checks)
    {
        var seal = new SealCheck();
        seal.ReadGenesis(genesisFile);
        var root = SealCheck.ReadCanonical(proof);
        SealCheck.CheckVersions(root, "first", "second");
        if (!Members.TryRead(root, out var m, "first", "path", "second", "sets", "v") || !TryHead(m["first"], out var first, out var before)
            || !TryHead(m["second"], out var second, out var after))
        {
            throw new Refused("content", VerdictCode.Members, "The proof has a member too many, too few or of the wrong kind.");
        }
        seal.ReadSets(m["sets"]);
        var signed = (seal.CheckSealed(first, before), seal.CheckSealed(second, after));
        seal.CheckSetsUsed(second.Height);
        checks.Add(new("sealed", true, string.Create(CultureInfo.InvariantCulture,
            $"Block {first.Height} ({first.Time}) is signed by {signed.Item1} validators, block {second.Height} ({second.Time}) by {signed.Item2}.")));
        if (first.Height > second.Height || first.Time > second.Time)
        {
            throw new Refused("sealed", VerdictCode.Header, "The first head is not the earlier one.");
        }
        var path = m["path"].IsTexts(out var texts) ? texts.Select(t => Digest.TryParse(t, out var digest) ? digest : (Digest?)null).ToList() : [null];
        if (path.Contains(null) || !MerkleTree.VerifyConsistency(first.Size, first.Root, second.Size, second.Root, path.Select(d => d!.Value).ToArray()))
        {
            throw new Refused("content", VerdictCode.Inclusion, "The path does not show that the later log begins with the earlier one.");
        }
        checks.Add(new("content", true, string.Create(CultureInfo.InvariantCulture,
            $"The log of {second.Size} entries begins with exactly the {first.Size} entries of the earlier one.")));
        return (VerdictCode.Ok, false);
    }

    private static bool TryHead(JsonElement json, out BlockHeader header, out Commit commit)
    {
        (header, commit) = (null!, null!);
        return Members.TryRead(json, out var m, "commit", "header") && BlockHeader.TryParse(m["header"], out header!) && Commit.TryParse(m["commit"], out commit!);
    }
}
