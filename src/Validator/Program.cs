using EventLedger.Validator;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Console;

if (args is not ["--data", var directory])
{
    Console.Error.WriteLine("Usage: EventLedger.Validator --data DIR");
    return 64;
}
NativeArenas.Limit(2);
ValidatorFiles files;
try
{
    files = ValidatorFiles.Read(Path.GetFullPath(directory));
}
catch (Exception e) when (e is InvalidDataException or IOException or System.Text.Json.JsonException)
{
    Console.Error.WriteLine($"{directory} is not a validator's directory: {e.Message}");
    return 78;
}
ValidatorServer started;
try
{
    started = await ValidatorServer.Start(files, logging => logging
        .SetMinimumLevel(LogLevel.Warning)
        .AddJsonConsole(o => o.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ")
        .Services.Configure<ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace));
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or SqliteException)
{
    // A disk that is full, rights that are missing, a port that is taken: a supervisor may try again, and the reason stands in its log.
    Console.Error.WriteLine($"validator {files.Name} cannot start: {e.Message}");
    return 70;
}
await using var server = started;
using var heap = new HeapKeeper();
Console.WriteLine($"validator {files.Name} listening https://{files.Listen}");

var stop = new TaskCompletionSource();
using var terminate = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGTERM, s => Stop(s));
using var interrupt = System.Runtime.InteropServices.PosixSignalRegistration.Create(System.Runtime.InteropServices.PosixSignal.SIGINT, s => Stop(s));
void Stop(System.Runtime.InteropServices.PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.TrySetResult();
}

// A node that stops by itself has found something that only a person can put right.
var ended = await Task.WhenAny(stop.Task, server.Running);
return ended.IsFaulted ? 70 : 0;
