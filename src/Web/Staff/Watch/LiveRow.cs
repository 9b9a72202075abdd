using System.Buffers;
using System.Text.Json;
using EventLedger.Api.V2M.Live;

namespace EventLedger.Web.Staff.Watch;

/// <summary>One row of the live feed, in a few short texts.</summary>
/// <param name="Kind">A word of <see cref="LiveKind"/>.</param>
/// <param name="Place">Number of an entry, height of a block.</param>
/// <param name="Time">When, in UTC to the millisecond; a feed would be slowed down by translating each.</param>
/// <param name="What">What happened.</param>
/// <param name="Who">Who did it.</param>
/// <param name="Href">Its page.</param>
public sealed record LiveRow(string Kind, long Place, string Time, string What, string Who, string Href)
{
    /// <summary>Reads an entry or a block as the feed tells it.</summary>
    public static LiveRow Of(LiveItem item, EventWords words)
    {
        var json = Json(item);
        var time = json.Text("time") is { Length: 24 } at ? at[11..23] : "";
        if (item.Kind != LiveKind.Block)
        {
            return new(item.Kind, item.Place, time, json.Text("format") is { } format ? $"{words[item.Type!]}: {format.Split(':')[^2]}" : words[item.Type!], item.Actor!, $"/staff/events/{item.Place}");
        }
        var rejected = json.Items("rejected").Count;
        var count = item.Size - json.Number("first")!.Value + 1;
        return new(item.Kind, item.Place, time, words.Block(count, rejected), "", $"/block/{item.Place}");
    }

    /// <summary>What the feed tells of an item.</summary>
    public static JsonElement Json(LiveItem item)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        item.WriteTo(buffer, withEntry: false);
        using var json = JsonDocument.Parse(buffer.WrittenMemory);
        return json.RootElement.Clone();
    }
}
