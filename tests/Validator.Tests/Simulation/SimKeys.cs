using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.Validator.Node;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>Networks of a size and a division of power, made once: their keys are fixed numbers, so that a seed means the same everywhere.</summary>
internal sealed class SimKeys
{
    private static readonly ConcurrentDictionary<(int Count, bool IsSkewed, bool IsChanging), SimKeys> Known = [];
    private readonly ConcurrentDictionary<(int Machine, int Turn), SimSeat> seats = [];
    private readonly SigningKey[] consensus;

    private SimKeys(int count, bool isSkewed, bool isChanging)
    {
        consensus = [.. Enumerable.Range(0, count).Select(i => Key(KeyPurpose.Consensus, 1 + i))];
        var shared = Others.Select((purpose, i) => (purpose, Key(purpose, 1000 + i).Public)).ToDictionary(k => k.purpose, k => k.Public);
        // A set may change only where no two members share a key.
        var others = consensus.Select((_, i) => isChanging ? Others.ToDictionary(p => p, p => Key(p, KeyNumber(i, 0, p)).Public) : shared).ToList();
        var validators = consensus.Select((key, i) => new GenesisValidator($"v{i}", $"127.0.0.1:{4000 + i}", new(key.Public, isSkewed ? 1 + (i * 7 % 5) : 1, others[i]))).ToList();
        Operators = [.. Enumerable.Range(0, 2).Select(i => Key(KeyPurpose.Operator, 2000 + i))];
        var file = Genesis.Write("simulated", new(1_767_225_600_000), new("localhost", [], new Dictionary<string, int>()), validators,
            [.. Operators.Select((key, i) => new GenesisOperator($"operator-{i}", key.Public))],
            [new("host", shared[KeyPurpose.Receipt], shared[KeyPurpose.Status], shared[KeyPurpose.Transport])]);
        Genesis = Genesis.TryParse(file, out var genesis) ? genesis : throw new UnreachableException();
        Kids = [.. genesis.Set.Members.Select(m => m.Kid)];
    }

    public Genesis Genesis { get; }

    /// <summary>In the order of the set; a validator's index in a run is its place here.</summary>
    public IReadOnlyList<string> Kids { get; }

    public IReadOnlyList<SigningKey> Operators { get; }

    public static SimKeys Of(int count, bool isSkewed, bool isChanging) => Known.GetOrAdd((count, isSkewed, isChanging), key => new(key.Count, key.IsSkewed, key.IsChanging));

    public static ISignatures Signatures(SimSeat seat, bool isReal) => isReal ? new KeySignatures(seat.Keys[0]) : new Tags(seat.Kid);

    /// <summary>The keys of a machine, the first or those of a later turn.</summary>
    public SimSeat Seat(int machine, int turn) => seats.GetOrAdd((machine, turn), _ => Make(machine, turn));

    /// <summary>A request to be invited, which is the same at every run.</summary>
    public static JsonObject Request(SimSeat seat, Genesis genesis)
    {
        var request = ValidatorRequest.Create(seat.Validator.Name, seat.Validator.Address, genesis.Chain, genesis.Time, [.. seat.Keys]);
        var body = Jcs.Bytes(request["body"]!);
        foreach (var signature in request["signatures"]!.AsArray())
        {
            signature!["sig"] = B64.Encode(Sign(seat.Keys.Single(k => k.Public.Kid == signature["kid"]!.GetValue<string>()), body));
        }
        return request;
    }

    /// <summary>A person's signature under a command, which is the same at every run.</summary>
    public static JsonObject Authorize(SigningKey key, Digest subject)
    {
        var signed = Authorization.Sign(key, subject);
        var jws = signed["jws"]!.GetValue<string>();
        var input = jws[..jws.LastIndexOf('.')];
        signed["jws"] = $"{input}.{B64.Encode(Sign(key, Encoding.ASCII.GetBytes(input)))}";
        return signed;
    }

    /// <summary>The host's.</summary>
    public ISignatures HostSignatures(bool isReal) => isReal ? new KeySignatures(Key(KeyPurpose.Receipt, 1001)) : new Tags(Genesis.Hosts[0].Receipt.Kid);

    private static string[] Others { get; } = [KeyPurpose.Checkpoint, KeyPurpose.Receipt, KeyPurpose.Status, KeyPurpose.Transport];

    private static int KeyNumber(int validator, int turn, string purpose) => 1_000_000 + (((validator * 1000) + turn) * 10) + Array.IndexOf(Others, purpose);

    // Machines stand in the order of the set, keys and names of the genesis file in the order in which they were made.
    private SimSeat Make(int machine, int turn)
    {
        var number = machine < Kids.Count ? Array.FindIndex(consensus, k => k.Public.Kid == Kids[machine]) : machine;
        SigningKey[] keys =
        [
            turn == 0 && machine < Kids.Count ? consensus[number] : Key(KeyPurpose.Consensus, KeyNumber(number, turn, KeyPurpose.Consensus)),
            .. Others.Select(p => Key(p, KeyNumber(number, turn, p))),
        ];
        return new(machine, new($"v{number}", $"127.0.0.1:{4000 + number}", new(keys[0].Public, 1, keys.Skip(1).ToDictionary(k => k.Purpose, k => k.Public))), keys);
    }

    private static SigningKey Key(string purpose, int number)
    {
        var d = SHA256.HashData(Encoding.ASCII.GetBytes($"simulated key {number}"));
        return SigningKey.From(purpose, ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = d }));
    }

    // ECDSA whose number of the moment is made from key and message: entries that people sign must be the same bytes at every run, and .NET draws it.
    private static byte[] Sign(SigningKey key, byte[] message)
    {
        static BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);
        static byte[] Bytes(BigInteger number)
        {
            var bytes = new byte[32];
            var written = number.ToByteArray(isUnsigned: true, isBigEndian: true);
            written.CopyTo(bytes, 32 - written.Length);
            return bytes;
        }
        var (d, z) = (key.Export().D!, SHA256.HashData(message));
        var k = Number(SHA256.HashData([.. d, .. z])) % Order;
        using var moment = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = Bytes(k) });
        var r = Number(moment.ExportParameters(false).Q.X!) % Order;
        var s = BigInteger.ModPow(k, Order - 2, Order) * (Number(z) + (r * Number(d))) % Order;
        return [.. Bytes(r), .. Bytes(s)];
    }

    // n of P-256. Source: FIPS 186-4 D.1.2.3.
    private static readonly BigInteger Order = BigInteger.Parse("0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

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
