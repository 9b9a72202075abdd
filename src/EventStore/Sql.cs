using System.Reflection;

namespace EventLedger.EventStore;

/// <summary>The statements of this assembly: one embedded file each.</summary>
internal static class Sql
{
    private static readonly Assembly Here = typeof(Sql).Assembly;

    private const string Root = "EventLedger.EventStore.";

    /// <summary>The text of <c>name.sql</c> in a folder.</summary>
    public static string Text(string folder, string name)
    {
        using var stream = Here.GetManifestResourceStream($"{Root}{folder}.{name}.sql")
            ?? throw new FileNotFoundException($"No statement {folder}/{name}.sql is embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>All statements of a folder in the order of their names.</summary>
    public static IEnumerable<string> Folder(string folder) =>
        from name in Here.GetManifestResourceNames()
        where name.StartsWith($"{Root}{folder}.", StringComparison.Ordinal)
        orderby name
        select Text(folder, name[$"{Root}{folder}.".Length..^".sql".Length]);
}
