using System.Collections.Concurrent;
using System.Security.Cryptography;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;

namespace EventLedger.Validator.Tests.Consensus;

/// <summary>
/// Builds this ledger's own headers, sets and signatures for what a light client trace tells of another chain's: who is in a set with which
/// power, and whose signatures a commit holds. Names of that chain's validators, sets and blocks become keys and digests here.
/// </summary>
internal sealed class LightForge
{
    private const string Chain = "light";
    private static readonly ConcurrentDictionary<string, SigningKey> Keys = new();
    private readonly Dictionary<string, string> hashes = [];

    public static SigningKey KeyOf(string validator) =>
        Keys.GetOrAdd(validator, _ => SigningKey.From(KeyPurpose.Consensus, ECDsa.Create(ECCurve.NamedCurves.nistP256)));

    /// <summary>Null for no members, which is no set here.</summary>
    public static ValidatorSet? Set(IEnumerable<(string Name, long Power)> members) =>
        members.ToList() is { Count: > 0 } some ? new(some.Select(m => new Member(KeyOf(m.Name).Public, m.Power, new Dictionary<string, Jwk>()))) : null;

    /// <summary>What a header names: the set's hash when the trace's hash is that of this set, and a strange digest when it is not.</summary>
    public Digest HashOf(ValidatorSet? set, string named)
    {
        var content = set?.Hash.ToString() ?? "";
        hashes.TryAdd(content, named);
        return set is not null && hashes[content] == named ? set.Hash : Digest.Of(named);
    }

    public static BlockHeader Header(long height, LedgerTime time, Digest validators, Digest next, string block) =>
        new(Chain, height, Digest.Zero, time, 1, 0, Digest.Of(block), Digest.Zero, Digest.Zero, validators, next, "");

    public static Commit Commit(BlockHeader header, long height, string block, IEnumerable<string> signers)
    {
        // A commit for another block than the header's is for a digest of that block's name.
        var hash = header.Root == Digest.Of(block) ? header.Hash : Digest.Of(block);
        var message = Domain.Ledger.Commit.VoteBytes(Chain, height, 1, "precommit", hash);
        var signatures = signers.Select(KeyOf).Select(key => new KidSignature(key.Public.Kid, B64.Encode(key.Sign(message))));
        return new(height, 1, hash, [.. signatures.OrderBy(s => s.Kid, StringComparer.Ordinal)]);
    }
}
