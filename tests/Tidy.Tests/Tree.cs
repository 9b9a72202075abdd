using System.Runtime.CompilerServices;

namespace EventLedger.Tidy.Tests;

/// <summary>One text file of the repository; its path starts at the root and has forward slashes.</summary>
internal sealed record TextFile(string Path, string Text)
{
    public string[] Lines => Text.TrimEnd('\n').Split('\n');

    public bool IsIn(string folder) => Path.StartsWith(folder + "/", StringComparison.Ordinal);

    public bool Ends(params ReadOnlySpan<string> endings)
    {
        foreach (var ending in endings)
        {
            if (Path.EndsWith(ending, StringComparison.Ordinal))
            {
                return true;
            }
        }
        return false;
    }
}

/// <summary>The repository's files as they lie on disk, without what builds and runs leave behind.</summary>
internal static class Tree
{
    private static readonly HashSet<string> Left =
        ["bin", "obj", "node_modules", ".git", ".data", "artifacts", "TestResults", "_framework", ".vs", ".idea"];

    private static readonly HashSet<string> Binary = [".png", ".ico", ".woff2", ".jpg", ".webp", ".xlsx", ".gz", ".zip", ".db"];

    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<TextFile> Files { get; } = [.. Under(Root)
        .Where(path => !Binary.Contains(Path.GetExtension(path)) && new FileInfo(path).Length < 1_000_000)
        .Select(path => new TextFile(Path.GetRelativePath(Root, path).Replace('\\', '/'), File.ReadAllText(path)))
        .OrderBy(file => file.Path, StringComparer.Ordinal)];

    public static IEnumerable<TextFile> CSharp(string folder) => Files.Where(file => file.IsIn(folder) && file.Ends(".cs"));

    public static TextFile Get(string path) => Files.Single(file => file.Path == path);

    private static IEnumerable<string> Under(string folder) => Directory.EnumerateFiles(folder).Where(path => !path.EndsWith("/.git", StringComparison.Ordinal))
        .Concat(Directory.EnumerateDirectories(folder).Where(sub => !Left.Contains(Path.GetFileName(sub))).SelectMany(Under));

    private static string FindRoot([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
