using System.Globalization;
using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>
/// Verifies a proof bundle offline with nothing but the genesis file; the C# twin of <c>verify.mjs</c>, with the same codes on the same bytes.
/// Source: DESIGN section 3 "A proof bundle", "Verdict"; RFC 9162 section 2.1.3.2; RFC 9901 section 7.1.
/// </summary>
public static class ProofVerifier
{
    /// <summary>Largest bundle that is read, in bytes.</summary>
    public const int SizeBytesMax = 4 * 1024 * 1024;

    /// <summary>Judges a bundle.</summary>
    /// <param name="bundle">The bundle's bytes.</param>
    /// <param name="genesisFile">The genesis file's bytes: the one thing that is trusted.</param>
    public static Verdict Verify(ReadOnlyMemory<byte> bundle, ReadOnlyMemory<byte> genesisFile)
    {
        var checks = new List<VerdictCheck>();
        try
        {
            var (code, unsure) = new Run(checks).Judge(bundle, genesisFile);
            return new(unsure ? Judgement.CannotTell : Judgement.Authentic, code, checks);
        }
        catch (Refused refused)
        {
            checks.Add(new(refused.Check, refused.Unsure ? null : false, refused.Message));
            return new(refused.Unsure ? Judgement.CannotTell : Judgement.NotAuthentic, refused.Code, checks);
        }
    }

    private sealed class Refused(string check, string code, string message, bool unsure = false) : Exception(message)
    {
        public string Check => check;

        public string Code => code;

        public bool Unsure => unsure;
    }

    private sealed class Run(List<VerdictCheck> checks)
    {
        private Genesis genesis = null!;
        private readonly List<(long From, ValidatorSet Set)> sets = [];

        public (string Code, bool Unsure) Judge(ReadOnlyMemory<byte> bundle, ReadOnlyMemory<byte> genesisFile)
        {
            ReadGenesis(genesisFile);
            var root = ReadCanonical(bundle);
            CheckVersions(root);
            if (!Members.TryRead(root, out var m, "commit", "entry", "header", "issuer", "path", "previousResults", "record", "rejected", "sets", "status?", "v"))
            {
                throw new Refused("content", VerdictCode.Members, "The bundle has a member too many or too few.");
            }
            var (record, disclosed) = ReadRecord(m["record"], m["issuer"]);
            var entry = ReadEntry(m["entry"], record);
            checks.Add(new("content", true, $"The record is complete and unchanged; {disclosed} hidden field(s) are shown."));
            checks.Add(new("issuer", true, $"Signed by {entry.Actor} with key {record.Kid}."));
            if (!BlockHeader.TryParse(m["header"], out var header) || !Commit.TryParse(m["commit"], out var commit))
            {
                throw new Refused("sealed", VerdictCode.Members, "Header or commit has a member too many, too few or of the wrong kind.");
            }
            ReadSets(m["sets"]);
            var signed = CheckSealed(header, commit);
            CheckPlace(m["path"], entry, header);
            CheckResults(m["previousResults"], m["rejected"], entry, header);
            checks.Add(new("sealed", true, string.Create(CultureInfo.InvariantCulture,
                $"Sealed in block {header.Height} at {header.Time} by {signed} of {SetAt(header.Height).Members.Count} validators.")));
            var status = CheckStatus(m.Has("status") ? m["status"] : null, record, entry, header);
            CheckSetsUsed(Math.Max(header.Height, status?.Height ?? 0));
            return status switch
            {
                { } s => (s.Status == RecordStatus.Valid ? VerdictCode.Ok : s.Status, false),
                null when record.Payload.TryGetProperty("status", out _) => (VerdictCode.StatusMissing, true),
                null => (VerdictCode.Ok, false),
            };
        }

        private void ReadGenesis(ReadOnlyMemory<byte> file)
        {
            using var document = Jcs.TryParse(file);
            if (document?.RootElement is { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("v", out var v) && v.GetRawText() != "1")
            {
                throw new Refused("sealed", VerdictCode.Version, "The genesis file is of a version that this verifier does not know.", unsure: true);
            }
            genesis = Genesis.TryParse(file, out var g) ? g : throw new Refused("sealed", VerdictCode.Chain, "The genesis file is not one.", unsure: true);
            sets.Add((1, genesis.Set));
        }

        private static JsonElement ReadCanonical(ReadOnlyMemory<byte> bundle)
        {
            var document = bundle.Length > SizeBytesMax ? null : Jcs.TryParse(bundle);
            if (document?.RootElement is not { ValueKind: JsonValueKind.Object } root)
            {
                throw new Refused("content", VerdictCode.NotJson, "This is not a proof: not a JSON object, a name twice, or too large.");
            }
            return Jcs.Bytes(root).AsSpan().SequenceEqual(bundle.Span)
                ? root
                : throw new Refused("content", VerdictCode.NotCanonical, "The bundle is not in its one canonical form (RFC 8785): somebody rewrote it.");
        }

        // A later version may mean anything, so nothing else is read before this.
        private static void CheckVersions(JsonElement root)
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
            if (root.TryGetProperty("status", out var status))
            {
                CheckPartVersions(status);
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

        private static (SdJwt Record, int Disclosed) ReadRecord(JsonElement json, JsonElement issuer)
        {
            if (json.ValueKind != JsonValueKind.String || !SdJwt.TryParse(json.GetString()!, out var record, out _))
            {
                throw new Refused("issuer", VerdictCode.IssuerSignature, "The record is not a signed SD-JWT of this ledger's form.");
            }
            if (!Jwk.TryParse(issuer, out var key) || key.Kid != record.Kid)
            {
                throw new Refused("issuer", VerdictCode.IssuerKey, "The issuer's key is not the one that the record names.");
            }
            if (!record.IsSignedBy(key))
            {
                throw new Refused("issuer", VerdictCode.IssuerSignature, "The issuer's signature does not fit the record: content or signature was changed.");
            }
            return record.Disclose(out var problem) is not null
                ? (record, record.Disclosures.Count)
                : throw new Refused("content", VerdictCode.Disclosure, problem!);
        }

        private Entry ReadEntry(JsonElement json, SdJwt record)
        {
            if (!Entry.TryParse(Jcs.Bytes(json), out var entry))
            {
                throw new Refused("sealed", VerdictCode.Entry, "The entry has a member too many, too few or of the wrong kind.");
            }
            using var data = JsonDocument.Parse(entry.Data);
            if (entry.Type != EventTable.SubmissionAccepted || !Members.TryRead(data.RootElement, out var m, "record", "sidecar?") || !m.TryText("record", out var jwt)
                || (m.Has("sidecar") && !m.TryDigest("sidecar", out _)))
            {
                throw new Refused("sealed", VerdictCode.Entry, "The entry is not that of a record.");
            }
            if (jwt != record.Jwt)
            {
                throw new Refused("content", VerdictCode.RecordMismatch, "The record is not the one that was sealed.");
            }
            if (!Claims.TryRead(record.Payload, out var claims) || claims.Iss != entry.Actor || claims.Iat * 1000 > entry.Time.UnixMs + RecordRules.IatAheadMsMax)
            {
                throw new Refused("content", VerdictCode.Entry, "The record's own claims do not fit the entry.");
            }
            return claims.Ledger == genesis.Chain ? entry : throw new Refused("sealed", VerdictCode.Chain, $"Made for ledger {claims.Ledger}, not {genesis.Chain}.");
        }

        private ValidatorSet SetAt(long height) => sets.Last(s => s.From <= height).Set;

        private int CheckSealed(BlockHeader header, Commit commit)
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

        private static void CheckPlace(JsonElement json, Entry entry, BlockHeader header)
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

        private static void CheckResults(JsonElement previous, JsonElement list, Entry entry, BlockHeader header)
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

        private void ReadSets(JsonElement json)
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
        private void CheckSetsUsed(long highest)
        {
            if (sets[^1].From > 1 && sets[^1].From > highest)
            {
                throw new Refused("sealed", VerdictCode.SetChain, "A change of the validator set lies beyond the blocks used.");
            }
        }

        private StatusStatement? CheckStatus(JsonElement? json, SdJwt record, Entry entry, BlockHeader sealing)
        {
            if (json is not { } proof)
            {
                if (record.Payload.TryGetProperty("status", out _))
                {
                    checks.Add(new("status", null, "The record can be suspended or revoked, and the bundle does not prove that it is not."));
                }
                return null;
            }
            if (!record.Payload.TryGetProperty("status", out _) || !Members.TryRead(proof, out var m, "commit", "header", "signatures", "statement")
                || !StatusStatement.TryParse(m["statement"], out var statement) || !BlockHeader.TryParse(m["header"], out var header)
                || !Commit.TryParse(m["commit"], out var commit) || !Commit.TryReadSignatures(m["signatures"], out var signatures))
            {
                throw new Refused("status", VerdictCode.Members, "The status proof has a member too many, too few or of the wrong kind.");
            }
            if (statement.Chain != genesis.Chain || statement.Record != Entry.LeafHash(entry.ToBytes()) || statement.Version < entry.Version)
            {
                throw new Refused("status", VerdictCode.StatusRecord, "The status is that of another record.");
            }
            CheckSealed(header, commit);
            if (statement.Height != header.Height || statement.Time != header.Time || header.Height < sealing.Height)
            {
                throw new Refused("status", VerdictCode.StatusHeight, "The status is not as of the block that it carries.");
            }
            CheckStatusSignatures(statement, signatures, SetAt(header.Height));
            checks.Add(new("status", true, string.Create(CultureInfo.InvariantCulture, $"Status as of {statement.Time} (block {statement.Height}): {statement.Status}.")));
            return statement;
        }

        private static void CheckStatusSignatures(StatusStatement statement, List<KidSignature> signatures, ValidatorSet set)
        {
            var message = statement.ToBytes();
            long power = 0;
            string? before = null;
            foreach (var (kid, sig) in signatures)
            {
                var member = set.Members.FirstOrDefault(x => x.Keys.TryGetValue(KeyPurpose.Status, out var key) && key.Kid == kid);
                if ((before is not null && string.CompareOrdinal(before, kid) >= 0) || member is null || !B64.TryDecode(sig, out var bytes)
                    || !member.Keys[KeyPurpose.Status].Verify(message, bytes))
                {
                    throw new Refused("status", VerdictCode.StatusSignature, "A signature under the status is not by a member of the set, stands twice, or does not verify.");
                }
                before = kid;
                power += member.Power;
            }
            if (!set.IsQuorum(power))
            {
                throw new Refused("status", VerdictCode.StatusSignature, "Not more than two thirds of the validators signed the status.");
            }
        }
    }
}
