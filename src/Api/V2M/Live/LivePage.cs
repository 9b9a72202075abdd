using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventLedger.Api.V2M.Live;

/// <summary>How far a subscriber has come. It goes on from the entry and the block after these, on any host, and misses nothing.</summary>
/// <param name="Seq">The last entry that it was shown or that its filter held back; 0 for none.</param>
/// <param name="Height">The last block, likewise.</param>
public readonly record struct LivePosition(long Seq, long Height);

/// <summary>What one message of the hub carries: items in order, entries ascending and each block after all that it seals, and where to go on.</summary>
/// <param name="Position">After the last item.</param>
/// <param name="Items">At most 256; none when the filter held back thousands and only the position moved on.</param>
/// <param name="WithEntries">Whether entries are written whole.</param>
[JsonConverter(typeof(AsJson))]
public sealed record LivePage(LivePosition Position, IReadOnlyList<LiveItem> Items, bool WithEntries)
{
    /// <summary><c>{"position":{"seq","height"},"items":[…]}</c></summary>
    public ReadOnlyMemory<byte> ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>(128 + Items.Count * 256);
        buffer.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"position":{"seq":{{Position.Seq}},"height":{{Position.Height}}},"items":[""")));
        for (var i = 0; i < Items.Count; i++)
        {
            if (i > 0)
            {
                buffer.Write(","u8);
            }
            Items[i].WriteTo(buffer, WithEntries);
        }
        buffer.Write("]}"u8);
        return buffer.WrittenMemory;
    }

    private sealed class AsJson : JsonConverter<LivePage>
    {
        public override LivePage Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("Pages are only sent.");

        public override void Write(Utf8JsonWriter writer, LivePage value, JsonSerializerOptions options) => writer.WriteRawValue(value.ToBytes().Span, skipInputValidation: true);
    }
}
