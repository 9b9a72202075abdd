using System.Collections.Concurrent;

namespace EventLedger.Api.Provisioning.Records;

/// <summary>The statements of this room: one embedded file each.</summary>
internal static class Statement
{
    private static readonly ConcurrentDictionary<string, string> Texts = new(StringComparer.Ordinal);

    /// <summary>The text of <c>name.sql</c>.</summary>
    public static string Text(string name) => Texts.GetOrAdd(name, static name =>
    {
        using var stream = typeof(Statement).Assembly.GetManifestResourceStream($"EventLedger.Api.Provisioning.Records.Sql.{name}.sql")
            ?? throw new FileNotFoundException($"No statement {name}.sql is embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    });
}
