using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventLedger.Validator.Storage;

/// <summary>
/// What this validator may have signed: everything up to a height, and every vote in the write-ahead log that goes with it.
/// So one flush, that of the log, is both the log and the guard; the guard's own file changes only when the log starts anew.
/// </summary>
/// <remarks>Without a guard, or when its log is missing or damaged, nothing is known about earlier votes and the validator must only observe.</remarks>
public sealed class VoteLog : IDisposable
{
    /// <summary>The log starts anew at the first new height after it reached this length, in bytes.</summary>
    public const long WalBytesMax = 8 << 20;

    private readonly string directory;
    private Wal wal;

    private VoteLog(string directory, long height, Wal wal) => (this.directory, Height, this.wal) = (directory, height, wal);

    /// <summary>Nothing may be signed at or below this height.</summary>
    public long Height { get; private set; }

    /// <summary>The frames of the log when it was opened, oldest first.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Frames => wal.Frames;

    /// <summary>Writes the guard of a key that has never signed; only who makes the key may call it.</summary>
    public static void WriteFirst(string directory) => DurableFile.Replace(PathOf(directory), Bytes(0, null));

    /// <summary>Opens guard and log; null when either is missing or damaged.</summary>
    public static VoteLog? TryOpen(string directory)
    {
        if (TryRead(PathOf(directory)) is not { V: 1, Height: >= 0 } body)
        {
            return null;
        }
        if (body.Wal is not { } id)
        {
            return Start(directory, body.Height, 1);
        }
        var (current, next) = (Path.Combine(directory, "wal"), Path.Combine(directory, "wal.new"));
        if (Wal.TryOpen(current, id) is { } open)
        {
            return new(directory, body.Height, open);
        }
        // A crash between the guard's rename and the log's.
        if (Wal.TryOpen(next, id) is not { } moved)
        {
            return null;
        }
        DurableFile.Rename(next, current);
        return new(directory, body.Height, moved);
    }

    /// <summary>Begins a guard for a validator that lost it and has observed long enough: nothing at or below the height may be signed.</summary>
    public static VoteLog Start(string directory, long height, long walId)
    {
        var next = Path.Combine(directory, "wal.new");
        var wal = Wal.Create(next, walId);
        DurableFile.SyncDirectory(directory);
        DurableFile.Replace(PathOf(directory), Bytes(height, walId));
        DurableFile.Rename(next, Path.Combine(directory, "wal"));
        return new(directory, height, wal);
    }

    /// <summary>Holds one step's votes; returns when they are on disk and may leave.</summary>
    public void Append(ReadOnlySpan<byte> frame) => wal.Append(frame);

    /// <summary>Tells that a height is decided and stored. Nothing of a later height may have been signed yet; the guard never moves back.</summary>
    public void Decided(long height)
    {
        if (wal.LengthBytes < WalBytesMax || height < Height)
        {
            return;
        }
        var fresh = Start(directory, height, wal.Id + 1);
        wal.Dispose();
        (wal, Height) = (fresh.wal, height);
    }

    /// <summary>Closes the log.</summary>
    public void Dispose() => wal.Dispose();

    private static string PathOf(string directory) => Path.Combine(directory, "guard.json");

    private static byte[] Bytes(long height, long? wal) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
        $"{{\"height\":{height},\"v\":1,\"wal\":{wal?.ToString(CultureInfo.InvariantCulture) ?? "null"}}}"));

    private static Body? TryRead(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<Body>(File.ReadAllBytes(path)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Body(
        [property: JsonPropertyName("v"), JsonRequired] int V,
        [property: JsonPropertyName("height"), JsonRequired] long Height,
        [property: JsonPropertyName("wal")] long? Wal);
}
