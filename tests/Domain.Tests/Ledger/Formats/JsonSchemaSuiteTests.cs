using EventLedger.Domain.Ledger.Formats;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger.Formats;

public sealed class JsonSchemaSuiteTests
{
    // All 46 required files hold 1299 cases: 36 stand in the refused files, 17 in the refused groups.
    private const int CasesRun = 1246;

    public static TheoryData<string> Files => [.. SchemaSuite.Files.Except(SchemaSuite.RefusedFiles)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_case_of_the_suite_has_the_published_answer(string file)
    {
        var wrong = new List<string>();
        foreach (var group in Supported(file))
        {
            if (!JsonSchema.TryCompile(group.Schema, out var schema, out var problem))
            {
                wrong.Add($"{group.Description}: refused at {problem.Pointer}: {problem.Text}");
                continue;
            }
            foreach (var test in group.Cases)
            {
                var errors = schema.Validate(test.Data);
                if (schema.IsValid(test.Data) != test.Valid || (errors.Count == 0) != test.Valid)
                {
                    wrong.Add($"{group.Description} / {test.Description}: expected {test.Valid}, errors {string.Join("; ", errors)}");
                }
            }
        }
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void No_case_of_the_suite_is_lost() => SchemaSuite.Files.Except(SchemaSuite.RefusedFiles).SelectMany(Supported).Sum(g => g.Cases.Count).ShouldBe(CasesRun);

    [Fact]
    public void A_schema_that_needs_another_document_is_refused()
    {
        var groups = SchemaSuite.Files.SelectMany(SchemaSuite.Read).Where(g => SchemaSuite.Refused.ContainsKey((g.File, g.Description))).ToList();
        groups.Count.ShouldBe(SchemaSuite.Refused.Count);
        foreach (var group in groups)
        {
            JsonSchema.TryCompile(group.Schema, out _, out var problem).ShouldBeFalse(group.Description);
            problem!.Code.ShouldBe("reference-remote", group.Description);
        }
    }

    [Fact]
    public void Remote_references_and_own_dialects_are_refused()
    {
        var codes = SchemaSuite.RefusedFiles.SelectMany(SchemaSuite.Read)
            .Select(g => JsonSchema.TryCompile(g.Schema, out _, out var problem) ? $"{g.Description} was accepted" : problem.Code);
        codes.Distinct().Order().ShouldBe(["dialect-unknown", "reference-remote"]);
    }

    private static IEnumerable<SchemaSuite.Group> Supported(string file) =>
        SchemaSuite.Read(file).Where(g => !SchemaSuite.Refused.ContainsKey((g.File, g.Description)));
}
