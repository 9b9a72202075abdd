using System.Text.Json;

namespace EventLedger.Web.Site;

/// <summary>One demand of Recommendation ITU-T Y.4561 and what became of it in the tests of this build (docs/CONFORMANCE.md is the same list).</summary>
/// <param name="Id">As in <c>N-6.2.1-c</c>.</param>
/// <param name="Text">What the text demands, in our words.</param>
/// <param name="Result"><c>shown</c>, <c>failed</c>, <c>later</c> or <c>open</c>.</param>
/// <param name="By">What will bring it; only where it is later.</param>
/// <param name="Tests">The tests that name it.</param>
public sealed record ConformanceRow(string Id, string Text, string Result, string? By, IReadOnlyList<string> Tests)
{
    private const string Resource = "conformance.json";

    /// <summary>All rows, in the order of the Recommendation.</summary>
    public static IReadOnlyList<ConformanceRow> All { get; } = JsonSerializer.Deserialize<List<ConformanceRow>>(Open(), JsonSerializerOptions.Web)!;

    /// <summary>Whether the Recommendation says "is required to".</summary>
    public bool IsNormative => Id.StartsWith("N-", StringComparison.Ordinal);

    /// <summary>The file itself, for programs.</summary>
    public static IResult File() => TypedResults.Stream(Open(), "application/json");

    /// <summary>A test's name as a sentence.</summary>
    public static string Sentence(string test) => test[(test.LastIndexOf('.') + 1)..].Replace('_', ' ');

    private static Stream Open() => typeof(ConformanceRow).Assembly.GetManifestResourceStream(Resource)!;
}
