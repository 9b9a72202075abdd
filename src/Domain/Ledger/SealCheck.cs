using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>Why a proof proves nothing, or not enough.</summary>
internal sealed class Refused(string check, string code, string message, bool unsure = false) : Exception(message)
{
    public string Check => check;

    public string Code => code;

    public bool Unsure => unsure;

    /// <summary>Runs a verification; what it refuses is the verdict.</summary>
    public static Verdict Judge(Func<List<VerdictCheck>, (string Code, bool Unsure)> run)
    {
        var checks = new List<VerdictCheck>();
        try
        {
            var (code, unsure) = run(checks);
            return new(unsure ? Judgement.CannotTell : Judgement.Authentic, code, checks);
        }
        catch (Refused refused)
        {
            checks.Add(new(refused.Check, refused.Unsure ? null : false, refused.Message));
            return new(refused.Unsure ? Judgement.CannotTell : Judgement.NotAuthentic, refused.Code, checks);
        }
    }
}

/// <summary>The part that all proofs have: from the genesis file over the changes of the validator set to a committed header, and from there to an entry.</summary>
internal sealed class SealCheck
{
    private Genesis genesis = null!;
    private readonly List<(long From, ValidatorSet Set)> sets = [];

    public Genesis Genesis => genesis;

    public void ReadGenesis(ReadOnlyMemory<byte> file)
    {
        using var document = Jcs.TryParse(file);
        if (document?.RootElement is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("v", out var v) && v.GetRawText() != "1")
        {
            throw new Refused("sealed", VerdictCode.Version, "The genesis file is of a version that this verifier does not know.", unsure: true);
        }
        genesis = Genesis.TryParse(file, out var g) ? g : throw new Refused("sealed", VerdictCode.Chain, "The genesis file is not one.", unsure: true);
        sets.Add((1, genesis.Set));
    }

    public static JsonElement ReadCanonical(ReadOnlyMemory<byte> bundle)
    {
        var document = bundle.Length > ProofVerifier.SizeBytesMax ? null : Jcs.TryParse(bundle);
        if (document?.RootElement is not { ValueKind: JsonValueKind.Object } root)
        {
            throw new Refused("content", VerdictCode.NotJson, "This is not a proof: not a JSON object, a name twice, or too large.");
        }
        return Jcs.Bytes(root).AsSpan().SequenceEqual(bundle.Span)
            ? root
            : throw new Refused("content", VerdictCode.NotCanonical, "The bundle is not in its one canonical form (RFC 8785): somebody rewrote it.");
    }

    // A later version may mean anything, so nothing else is read before this.
    public static void CheckVersions(JsonElement root, params ReadOnlySpan<string> parts)
    {
        CheckVersion(root, "The bundle");
        CheckPartVersions(root);
        if (root.TryGetProperty("sets", out var sets) && sets.ValueKind == JsonValueKind.Array)
        {
            foreach (var step in sets.EnumerateArray())
            {
                CheckPartVersions(step);
            }
        }
        foreach (var name in parts)
        {
            if (root.TryGetProperty(name, out var part))
            {
                CheckPartVersions(part);
            }
        }
    }

    private static void CheckPartVersions(JsonElement json)
    {
        foreach (var name in (ReadOnlySpan<string>)["header", "entry", "commit", "statement"])
        {
            if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var part))
            {
                CheckVersion(part, name);
            }
        }
    }

    private static void CheckVersion(JsonElement json, string name)
    {
        if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("v", out var v) && v.GetRawText() != "1")
        {
            throw new Refused("content", VerdictCode.Version, $"{name} is of a version that this verifier does not know.", unsure: true);
        }
    }

    public ValidatorSet SetAt(long height) => sets.Last(s => s.From <= height).Set;

    public int CheckSealed(BlockHeader header, Commit commit)
    {
        if (header.Chain != genesis.Chain)
        {
            throw new Refused("sealed", VerdictCode.Chain, $"The block is of ledger {header.Chain}, not {genesis.Chain}.");
        }
        var set = SetAt(header.Height);
        if (header.Validators != set.Hash || commit.Height != header.Height || commit.Block != header.Hash)
        {
            throw new Refused("sealed", VerdictCode.Header, "The header is not the one that the commit signs, or names other validators.");
        }
        if (commit.Problem(genesis.Chain, set) is { } problem)
        {
            throw new Refused("sealed", problem, problem == VerdictCode.Quorum
                ? "Not more than two thirds of the validators signed the block."
                : "A signature under the block is not by a member of the set, stands twice, or does not verify.");
        }
        return commit.Signatures.Count;
    }

    public static void CheckPlace(JsonElement json, Entry entry, BlockHeader header)
    {
        if (entry.Seq < header.First || entry.Seq > header.Size)
        {
            throw new Refused("sealed", VerdictCode.Header, "The entry does not lie in this block.");
        }
        var path = new List<Digest>();
        foreach (var item in json.ValueKind == JsonValueKind.Array ? json.EnumerateArray() : default)
        {
            path.Add(item.ValueKind == JsonValueKind.String && Digest.TryParse(item.GetString(), out var digest)
                ? digest
                : throw new Refused("sealed", VerdictCode.Inclusion, "A path element is not a hash."));
        }
        if (json.ValueKind != JsonValueKind.Array
            || !MerkleTree.VerifyInclusion(Entry.LeafHash(entry.ToBytes()), entry.Seq - 1, header.Size, path.ToArray(), header.Root))
        {
            throw new Refused("sealed", VerdictCode.Inclusion, "The path does not lead from the entry to the block's root: entry or path was changed.");
        }
    }

    public static void CheckResults(JsonElement previous, JsonElement list, Entry entry, BlockHeader header)
    {
        var rejected = new List<Rejected>();
        foreach (var item in list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default)
        {
            if (item.ValueKind != JsonValueKind.Array || item.GetArrayLength() != 2 || item[0].ValueKind != JsonValueKind.Number || !item[0].TryGetInt64(out var seq)
                || item[1].ValueKind != JsonValueKind.String || seq < header.First || seq > header.Size || (rejected.Count > 0 && seq <= rejected[^1].Seq))
            {
                throw new Refused("sealed", VerdictCode.Results, "The list of rejected entries is malformed.");
            }
            rejected.Add(new(seq, item[1].GetString()!));
        }
        if (list.ValueKind != JsonValueKind.Array || previous.ValueKind != JsonValueKind.String || !Digest.TryParse(previous.GetString(), out var before)
            || BlockHeader.ResultsOf(before, rejected) != header.Results)
        {
            throw new Refused("sealed", VerdictCode.Results, "The list of rejected entries is not the one that was sealed.");
        }
        if (rejected.Find(r => r.Seq == entry.Seq) is { Code: { } code })
        {
            throw new Refused("sealed", VerdictCode.Rejected, $"The validators sealed this entry as rejected: {code}.");
        }
    }

    public void ReadSets(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            throw new Refused("sealed", VerdictCode.SetChain, "sets must be a list.");
        }
        foreach (var item in json.EnumerateArray())
        {
            if (!Members.TryRead(item, out var m, "commit", "header", "next") || !BlockHeader.TryParse(m["header"], out var header)
                || !Commit.TryParse(m["commit"], out var commit) || !ValidatorSet.TryParse(m["next"], out var next) || header.Height < sets[^1].From)
            {
                throw new Refused("sealed", VerdictCode.SetChain, "A change of the validator set is malformed or out of order.");
            }
            CheckSealed(header, commit);
            if (header.NextValidators != next.Hash || next.Hash == header.Validators)
            {
                throw new Refused("sealed", VerdictCode.SetChain, "A change of the validator set does not name the set it brings.");
            }
            sets.Add((header.Height + 1, next));
        }
    }

    // A set change beyond what the bundle uses proves nothing and could hide what it does prove.
    public void CheckSetsUsed(long highest)
    {
        if (sets[^1].From > 1 && sets[^1].From > highest)
        {
            throw new Refused("sealed", VerdictCode.SetChain, "A change of the validator set lies beyond the blocks used.");
        }
    }
}
