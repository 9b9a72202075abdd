using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventLedger.Domain.Kernel;

namespace EventLedger.Domain.Ledger;

/// <summary>One event as it is sealed: the JCS bytes of <c>{v, seq, stream, version, type, time, actor, data}</c>.</summary>
/// <param name="Seq">Place in the one order of the ledger: 1-based, no gaps. The leaf index is <c>Seq - 1</c>.</param>
/// <param name="Stream">The stream it belongs to.</param>
/// <param name="Version">Place in its stream: 1-based, counts rejected entries too.</param>
/// <param name="Type">Name from the closed event table, snake case.</param>
/// <param name="Time">When the host took it in; never earlier than the entry before.</param>
/// <param name="Actor">The source's URI, or a random pseudonym for a person; never who they are.</param>
/// <param name="Data">Canonical JSON object.</param>
/// <remarks>At most 60 000 bytes. Source: DESIGN section 3; RFC 8785; leaf hash RFC 9162 section 2.1.1.</remarks>
public sealed record Entry(long Seq, string Stream, long Version, string Type, LedgerTime Time, string Actor, ReadOnlyMemory<byte> Data)
{
    /// <summary>Largest entry, in bytes: a tlog-tiles bundle counts an entry's length in 16 bits.</summary>
    public const int SizeBytesMax = 60_000;

    /// <summary>The bytes that are hashed and sealed.</summary>
    public byte[] ToBytes()
    {
        var writer = new ArrayBufferWriter<byte>(Data.Length + 256);
        writer.Write("{\"actor\":"u8);
        Jcs.WriteString(writer, Actor);
        writer.Write(",\"data\":"u8);
        writer.Write(Data.Span);
        writer.Write(",\"seq\":"u8);
        writer.Write(Encoding.ASCII.GetBytes(Seq.ToString(CultureInfo.InvariantCulture)));
        writer.Write(",\"stream\":"u8);
        Jcs.WriteString(writer, Stream);
        writer.Write(",\"time\":\""u8);
        writer.Write(Encoding.ASCII.GetBytes(Time.ToString()));
        writer.Write("\",\"type\":"u8);
        Jcs.WriteString(writer, Type);
        writer.Write(",\"v\":1,\"version\":"u8);
        writer.Write(Encoding.ASCII.GetBytes(Version.ToString(CultureInfo.InvariantCulture)));
        writer.Write("}"u8);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Reads an entry; false unless the bytes are the canonical form of exactly these members and at most 60 000.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out Entry? entry)
    {
        entry = null;
        if (bytes.Length > SizeBytesMax)
        {
            return false;
        }
        return TryReadPlain(bytes, out entry) || TryReadAny(bytes, out entry);
    }

    // One pass over the layout that nearly every entry has; nothing is copied but the few texts.
    private static bool TryReadPlain(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out Entry? entry)
    {
        entry = null;
        var reader = new JcsReader(bytes.Span);
        if (!reader.TryTake("{\"actor\":"u8) || !reader.TryText(out var actor) || !reader.TryTake(",\"data\":"u8))
        {
            return false;
        }
        var data = reader.At;
        if (!reader.TrySkipObject())
        {
            return false;
        }
        var end = reader.At;
        if (!reader.TryTake(",\"seq\":"u8) || !reader.TryInteger(out var seq) || seq < 1 || !reader.TryTake(",\"stream\":"u8) || !reader.TryText(out var stream)
            || !reader.TryTake(",\"time\":"u8) || !reader.TryText(out var text) || !LedgerTime.TryParse(text, out var time)
            || !reader.TryTake(",\"type\":"u8) || !reader.TryText(out var type) || !reader.TryTake(",\"v\":1,\"version\":"u8)
            || !reader.TryInteger(out var version) || version < 1 || !reader.TryTake("}"u8) || reader.At != bytes.Length)
        {
            return false;
        }
        entry = new(seq, stream, version, type, time, actor, bytes[data..end]);
        return true;
    }

    private static bool TryReadAny(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out Entry? entry)
    {
        entry = null;
        using var document = Jcs.TryParse(bytes);
        if (document is null || !Members.TryRead(document.RootElement, out var m, "actor", "data", "seq", "stream", "time", "type", "v", "version")
            || !m.IsOne("v") || !m.TryLong("seq", 1, out var seq) || !m.TryLong("version", 1, out var version)
            || !m.TryText("stream", out var stream) || !m.TryText("type", out var type) || !m.TryText("actor", out var actor)
            || !m.TryTime("time", out var time) || m["data"].ValueKind != JsonValueKind.Object)
        {
            return false;
        }
        entry = new(seq, stream, version, type, time, actor, Jcs.Bytes(m["data"]));
        return entry.ToBytes().AsSpan().SequenceEqual(bytes.Span);
    }

    /// <summary>The record in the data, when the data is exactly <c>{record}</c> or <c>{record, sidecar}</c> and both are well formed.</summary>
    /// <remarks>Canonical data has one form for this. Nearly every entry has it, and building a tree of it would cost more than reading it.</remarks>
    public bool TryRecord([NotNullWhen(true)] out SdJwt? record, out Digest? sidecar)
    {
        (record, sidecar) = (null, null);
        var reader = new JcsReader(Data.Span);
        if (!reader.TryTake("{\"record\":"u8) || !reader.TrySkipText(out var jwt))
        {
            return false;
        }
        if (reader.TryTake(",\"sidecar\":"u8))
        {
            if (!reader.TryText(out var hex) || !Digest.TryParse(hex, out var hash))
            {
                return false;
            }
            sidecar = hash;
        }
        return reader.TryTake("}"u8) && reader.At == Data.Length && SdJwt.TryParseJwt(Data[jwt], out record);
    }

    /// <summary>SHA-256(0x00 ‖ entry bytes).</summary>
    public static Digest LeafHash(ReadOnlySpan<byte> entryBytes)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(entryBytes.Length + 1);
        buffer[0] = 0;
        entryBytes.CopyTo(buffer.AsSpan(1));
        var leaf = Digest.Of(buffer.AsSpan(0, entryBytes.Length + 1));
        ArrayPool<byte>.Shared.Return(buffer);
        return leaf;
    }

    /// <summary>The event id that every rebuild finds again: a UUIDv8 of SHA-256(chain/stream/version).</summary>
    /// <remarks>Source: RFC 9562 section 5.8.</remarks>
    public static Guid EventId(string chain, string stream, long version)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{chain}/{stream}/{version}")), hash);
        hash[6] = (byte)((hash[6] & 0x0f) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3f) | 0x80);
        return new(hash[..16], bigEndian: true);
    }
}
