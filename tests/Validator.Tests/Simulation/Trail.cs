using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using EventLedger.Validator.Network.Wire;

namespace EventLedger.Validator.Tests.Simulation;

/// <summary>The full log of a run: every event becomes a few numbers, and SHA-256 over all of them names the run. Signatures are left out, for P-256 draws them.</summary>
internal sealed class Trail(TextWriter? words) : IDisposable
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] buffer = new byte[8192];
    private int used;

    public void Note(long nowUs, string what, int node, long a = 0, long b = 0, long c = 0, long d = 0) => Put(nowUs, what, what, node, a, b, c, d);

    private void Put(long nowUs, string what, string spoken, int node, long a, long b, long c, long d)
    {
        if (used + 48 > buffer.Length)
        {
            hash.AppendData(buffer, 0, used);
            used = 0;
        }
        var at = buffer.AsSpan(used);
        BinaryPrimitives.WriteInt64LittleEndian(at, nowUs);
        BinaryPrimitives.WriteInt64LittleEndian(at[8..], ((long)node << 32) | ((long)what[0] << 16) | what[^1]);
        BinaryPrimitives.WriteInt64LittleEndian(at[16..], a);
        BinaryPrimitives.WriteInt64LittleEndian(at[24..], b);
        BinaryPrimitives.WriteInt64LittleEndian(at[32..], c);
        BinaryPrimitives.WriteInt64LittleEndian(at[40..], d);
        used += 48;
        words?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{nowUs / 1e6,11:F6} v{node,-2} {spoken} {a} {b} {c} {d:x}"));
    }

    /// <summary>Notes a message by what it says.</summary>
    public void Note(long nowUs, string what, int node, int peer, PeerMessage m)
    {
        var (height, round, step, value) = m.BodyCase switch
        {
            PeerMessage.BodyOneofCase.Vote => (m.Vote.Height, m.Vote.Round, m.Vote.Step, m.Vote.Value),
            PeerMessage.BodyOneofCase.Proposal => (m.Proposal.Height, m.Proposal.Round, m.Proposal.ValidRound, m.Proposal.Value),
            PeerMessage.BodyOneofCase.Certificate when m.Certificate.Votes is [var v, ..] => (v.Height, v.Round, v.Step, v.Value),
            PeerMessage.BodyOneofCase.Hello => (m.Hello.Height, 0, 0, Google.Protobuf.ByteString.Empty),
            PeerMessage.BodyOneofCase.Block => (m.Block.Height, m.Block.Entries.Count, 0, Google.Protobuf.ByteString.Empty),
            PeerMessage.BodyOneofCase.BlockRequest => (m.BlockRequest.From, 0, 0, Google.Protobuf.ByteString.Empty),
            PeerMessage.BodyOneofCase.BatchRequest => (0, 0, 0, m.BatchRequest.Value),
            _ => (0, 0, 0, Google.Protobuf.ByteString.Empty),
        };
        var head = value.Length >= 8 ? BinaryPrimitives.ReadInt64BigEndian(value.Span) : 0;
        Put(nowUs, what, words is null ? what : $"{what} {m.BodyCase} v{peer}", node, ((long)peer << 8) | (long)m.BodyCase, height, ((long)round << 8) | (long)(uint)(step & 255), head);
    }

    /// <summary>Words for who reads along; they are no part of the log.</summary>
    public void Say(long nowUs, int node, string text) => words?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{nowUs / 1e6,11:F6} v{node,-2} {text}"));

    /// <summary>The name of the run: 64 hex digits.</summary>
    public string Finish()
    {
        hash.AppendData(buffer, 0, used);
        used = 0;
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose() => hash.Dispose();
}
