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

    private const string GuardName = "guard.json", WalName = "wal", NextWalName = "wal.new";
    private readonly IDisk disk;
    private readonly long walBytesMax;
    private Wal wal;

    private VoteLog(IDisk disk, long walBytesMax, long height, Wal wal) => (this.disk, this.walBytesMax, Height, this.wal) = (disk, walBytesMax, height, wal);

    /// <summary>Nothing may be signed at or below this height.</summary>
    public long Height { get; private set; }

    /// <summary>The frames of the log when it was opened, oldest first.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Frames => wal.Frames;

    /// <summary>Writes the guard of a key that has never signed; only who makes the key may call it.</summary>
    public static void WriteFirst(string directory) => WriteFirst(new FileDisk(directory));

    /// <inheritdoc cref="WriteFirst(string)"/>
    public static void WriteFirst(IDisk disk) => WriteGuard(disk, 0, null);

    /// <summary>Opens guard and log; null when either is missing or damaged.</summary>
    public static VoteLog? TryOpen(string directory) => TryOpen(new FileDisk(directory));

    /// <inheritdoc cref="TryOpen(string)"/>
    /// <param name="disk">Where they stand.</param>
    /// <param name="walBytesMax">See <see cref="WalBytesMax"/>, in bytes; less makes a log start anew more often.</param>
    public static VoteLog? TryOpen(IDisk disk, long walBytesMax = WalBytesMax)
    {
        if (TryRead(disk) is not { V: 1, Height: >= 0 } body)
        {
            return null;
        }
        if (body.Wal is not { } id)
        {
            return Start(disk, body.Height, 1, walBytesMax);
        }
        if (Wal.TryOpen(disk, WalName, id) is { } open)
        {
            return new(disk, walBytesMax, body.Height, open);
        }
        // A crash between the guard's rename and the log's.
        if (Wal.TryOpen(disk, NextWalName, id) is not { } moved)
        {
            return null;
        }
        disk.Rename(NextWalName, WalName);
        disk.Flush();
        return new(disk, walBytesMax, body.Height, moved);
    }

    /// <summary>Begins a guard for a validator that lost it and has observed long enough: nothing at or below the height may be signed.</summary>
    public static VoteLog Start(string directory, long height, long walId) => Start(new FileDisk(directory), height, walId);

    /// <inheritdoc cref="Start(string, long, long)"/>
    public static VoteLog Start(IDisk disk, long height, long walId, long walBytesMax = WalBytesMax)
    {
        var wal = Wal.Create(disk, NextWalName, walId);
        disk.Flush();
        WriteGuard(disk, height, walId);
        disk.Rename(NextWalName, WalName);
        disk.Flush();
        return new(disk, walBytesMax, height, wal);
    }

    /// <summary>Holds one step's votes; returns when they are on disk and may leave.</summary>
    public void Append(ReadOnlySpan<byte> frame) => wal.Append(frame);

    /// <summary>Tells that a height is decided and stored. Nothing of a later height may have been signed yet; the guard never moves back.</summary>
    public void Decided(long height)
    {
        if (wal.LengthBytes < walBytesMax || height < Height)
        {
            return;
        }
        var fresh = Start(disk, height, wal.Id + 1, walBytesMax);
        wal.Dispose();
        (wal, Height) = (fresh.wal, height);
    }

    /// <summary>Closes the log.</summary>
    public void Dispose() => wal.Dispose();

    private static void WriteGuard(IDisk disk, long height, long? wal)
    {
        var bytes = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"{{\"height\":{height},\"v\":1,\"wal\":{wal?.ToString(CultureInfo.InvariantCulture) ?? "null"}}}"));
        DiskFiles.Replace(disk, GuardName, bytes);
    }

    private static Body? TryRead(IDisk disk)
    {
        try
        {
            return disk.Read(GuardName) is { } bytes ? JsonSerializer.Deserialize<Body>(bytes) : null;
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
