using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Node;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>Networks of a size and a division of power, made once: their keys are fixed numbers, so that a seed means the same everywhere.</summary>
internal sealed class SimKeys
{
    private static readonly ConcurrentDictionary<(int Count, bool IsSkewed), SimKeys> Known = [];
    private readonly SigningKey[] consensus;

    private SimKeys(int count, bool isSkewed)
    {
        consensus = [.. Enumerable.Range(0, count).Select(i => Key(KeyPurpose.Consensus, 1 + i))];
        string[] others = [KeyPurpose.Checkpoint, KeyPurpose.Receipt, KeyPurpose.Status, KeyPurpose.Transport];
        var shared = others.Select((purpose, i) => (purpose, Key(purpose, 1000 + i).Public)).ToDictionary(k => k.purpose, k => k.Public);
        var validators = consensus.Select((key, i) => new GenesisValidator($"v{i}", $"127.0.0.1:{4000 + i}", new(key.Public, isSkewed ? 1 + (i * 7 % 5) : 1, shared))).ToList();
        var file = Genesis.Write("simulated", new(1_767_225_600_000), new("localhost", [], new Dictionary<string, int>()), validators,
            [.. Enumerable.Range(0, 2).Select(i => new GenesisOperator($"operator-{i}", Key(KeyPurpose.Operator, 2000 + i).Public))],
            [new("host", shared[KeyPurpose.Receipt], shared[KeyPurpose.Status], shared[KeyPurpose.Transport])]);
        Genesis = Genesis.TryParse(file, out var genesis) ? genesis : throw new UnreachableException();
        Kids = [.. genesis.Set.Members.Select(m => m.Kid)];
    }

    public Genesis Genesis { get; }

    /// <summary>In the order of the set; a validator's index in a run is its place here.</summary>
    public IReadOnlyList<string> Kids { get; }

    public static SimKeys Of(int count, bool isSkewed) => Known.GetOrAdd((count, isSkewed), key => new(key.Count, key.IsSkewed));

    public ISignatures Signatures(int index, bool isReal) =>
        isReal ? new KeySignatures(consensus.Single(k => k.Public.Kid == Kids[index])) : new Tags(Kids[index]);

    /// <summary>The host's.</summary>
    public ISignatures HostSignatures(bool isReal) => isReal ? new KeySignatures(Key(KeyPurpose.Receipt, 1001)) : new Tags(Genesis.Hosts[0].Receipt.Kid);

    private static SigningKey Key(string purpose, int number)
    {
        var d = SHA256.HashData(Encoding.ASCII.GetBytes($"simulated key {number}"));
        return SigningKey.From(purpose, ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d }));
    }

    /// <summary>Signs by a sum over name and message: nobody here tries to forge one, and it costs a thousandth of P-256.</summary>
    private sealed class Tags(string kid) : ISignatures
    {
        public string Kid => kid;

        public byte[] Sign(byte[] message)
        {
            var tag = new byte[64];
            BinaryPrimitives.WriteUInt64BigEndian(tag, Sum(kid, message));
            return tag;
        }

        public bool Verify(Member from, byte[] message, byte[] signature) => IsOf(from.Kid, message, signature);

        public bool Verify(Jwk host, byte[] message, byte[] signature) => IsOf(host.Kid, message, signature);

        private static bool IsOf(string kid, byte[] message, byte[] signature) =>
            signature.Length == 64 && BinaryPrimitives.ReadUInt64BigEndian(signature) == Sum(kid, message) && !signature.AsSpan(8).ContainsAnyExcept((byte)0);

        private static ulong Sum(string kid, byte[] message)
        {
            var sum = Mixed(Mixed(0, MemoryMarshal.AsBytes(kid.AsSpan())), message);
            return sum ^ (sum >> 29);
        }

        // Eight bytes at a time, multiplied by an odd number: two sums are equal where the bytes are, and else by an accident of one in 2^64.
        private static ulong Mixed(ulong sum, ReadOnlySpan<byte> bytes)
        {
            for (; bytes.Length >= 8; bytes = bytes[8..])
            {
                sum = BitOperations.RotateLeft(sum ^ BinaryPrimitives.ReadUInt64LittleEndian(bytes), 23) * 0x9E3779B97F4A7C15;
            }
            foreach (var b in bytes)
            {
                sum = BitOperations.RotateLeft(sum ^ b, 23) * 0x9E3779B97F4A7C15;
            }
            return sum;
        }
    }
}
