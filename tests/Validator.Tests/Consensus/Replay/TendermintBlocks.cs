using System.Globalization;
using System.Text.Json;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>
/// Reads Tendermint's JSON of light blocks into this ledger's. That a set hashes to what its header names is recomputed (a Merkle tree over the
/// members' encoded form); the Ed25519 signatures are taken as good, because this ledger's keys are P-256.
/// </summary>
internal sealed class TendermintBlocks
{
    // Field 1 of SimpleValidator up to the 32 bytes of an Ed25519 key: a nested message since version 0.34, a registered type's prefix before it.
    private static readonly byte[] Protobuf = [0x0a, 0x22, 0x0a, 0x20], Amino = [0x0a, 0x25, 0x16, 0x24, 0xde, 0x64, 0x20];
    private readonly LightForge forge = new();

    public static LedgerTime Time(string text) => LedgerTime.From(DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal));

    /// <summary>Periods are nanoseconds, as a number or as text.</summary>
    public static long PeriodMs(JsonElement e) => Long(e) / 1_000_000;

    public TrustedHead Trusted(JsonElement e)
    {
        var (header, _) = Header(e);
        return new(header, Set(e, "next_validator_set"));
    }

    public LightBlock Read(JsonElement e)
    {
        var (header, commit) = Header(e);
        return new(header, commit, Set(e, "validator_set"), Set(e, "next_validator_set"));
    }

    private (BlockHeader Header, Commit Commit) Header(JsonElement e)
    {
        var (h, c) = (e.GetProperty("signed_header").GetProperty("header"), e.GetProperty("signed_header").GetProperty("commit"));
        var block = c.GetProperty("block_id").Text("hash");
        var header = LightForge.Header(Long(h.GetProperty("height")), Time(h.Text("time")), Named(e, "validator_set", h.Text("validators_hash")),
            Named(e, "next_validator_set", h.Text("next_validators_hash")), block);
        // Flag 2 is a signature for the block; 1 is absent, 3 is nil.
        var signers = c.Items("signatures").Where(s => s.Number("block_id_flag") == 2).Select(s => s.Text("validator_address"));
        return (header, LightForge.Commit(header, Long(c.GetProperty("height")), block, signers));
    }

    private Digest Named(JsonElement e, string name, string hash) =>
        Set(e, name) is { } set && (MerkleHash(Members(e, name), Protobuf) == hash || MerkleHash(Members(e, name), Amino) == hash)
            ? forge.HashOf(set, hash)
            : Digest.Of(hash);

    private static ValidatorSet? Set(JsonElement e, string name) => LightForge.Set(Members(e, name).Select(v => (v.Text("address"), Power(v))));

    private static IEnumerable<JsonElement> Members(JsonElement e, string name) =>
        e.TryGetProperty(name, out var set) && set.ValueKind == JsonValueKind.Object ? set.Items("validators") : [];

    private static long Power(JsonElement v) => Long(v.TryGetProperty("voting_power", out var power) ? power : v.GetProperty("power"));

    private static long Long(JsonElement e) => e.ValueKind == JsonValueKind.String ? long.Parse(e.GetString()!, CultureInfo.InvariantCulture) : e.GetInt64();

    private static string MerkleHash(IEnumerable<JsonElement> members, byte[] keyPrefix)
    {
        var tree = new MerkleFrontier();
        foreach (var v in members)
        {
            // A leaf's hash has a zero byte before it, as in this ledger's own tree (RFC 6962).
            tree.Append(Digest.Of([0, .. keyPrefix, .. Convert.FromBase64String(v.GetProperty("pub_key").Text("value")), .. Varint(Power(v))]));
        }
        return tree.Root().ToString().ToUpperInvariant();
    }

    // Field 2; zero is left out.
    private static List<byte> Varint(long power)
    {
        List<byte> bytes = power > 0 ? [0x10] : [];
        for (; power >= 0x80; power >>= 7)
        {
            bytes.Add((byte)(power | 0x80));
        }
        return power > 0 ? [.. bytes, (byte)power] : bytes;
    }
}
