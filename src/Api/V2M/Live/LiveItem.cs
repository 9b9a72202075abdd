using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using EventLedger.Api.Doors;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using EventLedger.EventStore;

namespace EventLedger.Api.V2M.Live;

/// <summary>One thing that the feed tells, written as JSON once for however many subscribers.</summary>
public sealed class LiveItem
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // Written when the first subscriber takes it: where nobody watches, nothing is written.
    private readonly Lazy<byte[]> json;

    private LiveItem(string kind, long place, Action<Utf8JsonWriter> members)
    {
        (Kind, Place) = (kind, place);
        json = new(() =>
        {
            var buffer = new ArrayBufferWriter<byte>(384);
            using (var writer = new Utf8JsonWriter(buffer, Plain))
            {
                writer.WriteStartObject();
                writer.WriteString("kind", kind);
                members(writer);
                writer.WriteEndObject();
            }
            return buffer.WrittenSpan.ToArray();
        });
    }

    /// <summary>A word of <see cref="LiveKind"/>.</summary>
    public string Kind { get; }

    /// <summary>Seq of an entry, height of a block, number of a state of health.</summary>
    public long Place { get; }

    /// <summary>Type of an entry; null for everything else.</summary>
    public string? Type { get; private init; }

    /// <summary>Who an entry is from; null for everything else.</summary>
    public string? Actor { get; private init; }

    /// <summary>Size of the tree after a block; 0 for everything else.</summary>
    public long Size { get; private init; }

    /// <summary>The sealed bytes of an entry.</summary>
    public ReadOnlyMemory<byte> Entry { get; private init; }

    /// <summary>An entry as it was taken in.</summary>
    public static LiveItem Of(StoredEntry stored)
    {
        var entry = stored.Entry;
        return new(LiveKind.Of(entry.Type), entry.Seq, json =>
        {
            json.WriteNumber("seq", entry.Seq);
            json.WriteString("type", entry.Type);
            json.WriteString("stream", entry.Stream);
            json.WriteNumber("version", entry.Version);
            json.WriteString("time", entry.Time.ToString());
            json.WriteString("actor", entry.Actor);
            json.WriteString("leaf", stored.Leaf.ToString());
            if (entry.Type == EventTable.SubmissionAccepted && entry.TryRecord(out var record, out _) && record.Payload.TryGetProperty("vct", out var vct)
                && vct.ValueKind == JsonValueKind.String)
            {
                json.WriteString("format", vct.GetString());
            }
        })
        {
            Type = entry.Type, Actor = entry.Actor, Entry = stored.Bytes,
        };
    }

    /// <summary>A sealed block, with what it sealed as rejected.</summary>
    public static LiveItem Of(StoredBlock block) => new(LiveKind.Block, block.Height, json =>
    {
        json.WriteNumber("height", block.Height);
        json.WriteNumber("first", block.First);
        json.WriteNumber("size", block.Size);
        json.WriteString("time", block.Time.ToString());
        json.WriteString("hash", Digest.Of(block.Header.Span).ToString());
        json.WriteStartArray("rejected");
        foreach (var (seq, code) in block.Rejected)
        {
            json.WriteStartObject();
            json.WriteNumber("seq", seq);
            json.WriteString("code", code);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    })
    {
        Size = block.Size,
    };

    /// <summary>How the validators are.</summary>
    /// <param name="number">Which state this is, counted from 1 since the host started.</param>
    /// <param name="validators">All of them.</param>
    public static LiveItem Of(long number, IReadOnlyList<ValidatorView> validators) => new(LiveKind.Health, number, json =>
    {
        json.WritePropertyName("validators");
        JsonSerializer.Serialize(json, validators, JsonSerializerOptions.Web);
    });

    /// <summary>Writes it, for an entry on demand with its sealed bytes.</summary>
    public void WriteTo(IBufferWriter<byte> output, bool withEntry)
    {
        if (!withEntry || Entry.IsEmpty)
        {
            output.Write(json.Value);
            return;
        }
        output.Write(json.Value.AsSpan(0, json.Value.Length - 1));
        output.Write(",\"entry\":"u8);
        output.Write(Entry.Span);
        output.Write("}"u8);
    }

    /// <summary>About how much memory it holds, written or not.</summary>
    public int SizeBytes => Entry.Length + 700;
}
