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
    public static Verdict Verify(ReadOnlyMemory<byte> bundle, ReadOnlyMemory<byte> genesisFile) =>
        Refused.Judge(checks => new Run(checks).Judge(bundle, genesisFile));

    private sealed class Run(List<VerdictCheck> checks)
    {
        private readonly SealCheck seal = new();

        public (string Code, bool Unsure) Judge(ReadOnlyMemory<byte> bundle, ReadOnlyMemory<byte> genesisFile)
        {
            seal.ReadGenesis(genesisFile);
            var root = SealCheck.ReadCanonical(bundle);
            SealCheck.CheckVersions(root, "status");
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
            seal.ReadSets(m["sets"]);
            var signed = seal.CheckSealed(header, commit);
            SealCheck.CheckPlace(m["path"], entry, header);
            SealCheck.CheckResults(m["previousResults"], m["rejected"], entry, header);
            checks.Add(new("sealed", true, string.Create(CultureInfo.InvariantCulture,
                $"Sealed in block {header.Height} at {header.Time} by {signed} of {seal.SetAt(header.Height).Members.Count} validators.")));
            var status = CheckStatus(m.Has("status") ? m["status"] : null, record, entry, header);
            seal.CheckSetsUsed(Math.Max(header.Height, status?.Height ?? 0));
            return status switch
            {
                { } s => (s.Status == RecordStatus.Valid ? VerdictCode.Ok : s.Status, false),
                null when record.Payload.TryGetProperty("status", out _) => (VerdictCode.StatusMissing, true),
                null => (VerdictCode.Ok, false),
            };
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
            return claims.Ledger == seal.Genesis.Chain ? entry : throw new Refused("sealed", VerdictCode.Chain, $"Made for ledger {claims.Ledger}, not {seal.Genesis.Chain}.");
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
            if (statement.Chain != seal.Genesis.Chain || statement.Record != Entry.LeafHash(entry.ToBytes()) || statement.Version < entry.Version)
            {
                throw new Refused("status", VerdictCode.StatusRecord, "The status is that of another record.");
            }
            seal.CheckSealed(header, commit);
            if (statement.Height != header.Height || statement.Time != header.Time || header.Height < sealing.Height)
            {
                throw new Refused("status", VerdictCode.StatusHeight, "The status is not as of the block that it carries.");
            }
            CheckStatusSignatures(statement, signatures, seal.SetAt(header.Height));
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
