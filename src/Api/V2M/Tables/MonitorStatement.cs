using System.Collections.Concurrent;

namespace EventLedger.Api.V2M.Tables;

/// <summary>The statements of this room: one embedded file each.</summary>
internal static class MonitorStatement
{
    private static readonly ConcurrentDictionary<string, string> Texts = new(StringComparer.Ordinal);

    /// <summary>The text of <c>name.sql</c>.</summary>
    public static string Text(string name) => Texts.GetOrAdd(name, static name =>
    {
        using var stream = typeof(MonitorStatement).Assembly.GetManifestResourceStream($"EventLedger.Api.V2M.Sql.{name}.sql")
            ?? throw new FileNotFoundException($"No statement {name}.sql is embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });
}
