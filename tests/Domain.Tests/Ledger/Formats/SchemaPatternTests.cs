using System.Text.Json;
using EventLedger.Domain.Ledger.Formats;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger.Formats;

public sealed class SchemaPatternTests
{
    [Theory]
    [InlineData("b", "abc", true)]
    [InlineData("^b", "abc", false)]
    [InlineData("^\\d{3}-\\d{4}$", "555-1234", true)]
    [InlineData("^\\d$", "\u0663", false)]
    [InlineData("^\\w+$", "é", false)]
    [InlineData("^a$", "a\n", false)]
    [InlineData("^.$", "\U0001F600", true)]
    [InlineData("^.{2}$", "\U0001F600", false)]
    [InlineData("^.$", "\n", false)]
    [InlineData("^[^a]$", "\U0001F600", true)]
    [InlineData("^[^a]{2}$", "\U0001F600", false)]
    [InlineData("^[\\s\\S]$", "\U0001F600", true)]
    [InlineData("^[\\s\\S]{2}$", "\U0001F600", false)]
    [InlineData("^\\S+$", "ab c", false)]
    [InlineData("^[^\\S]$", " ", true)]
    [InlineData("^[^\\S]$", "\U0001F600", false)]
    [InlineData("^\\s$", "\uFEFF", true)]
    [InlineData("^\U0001F600+$", "\U0001F600\U0001F600", true)]
    [InlineData("^[A-Z][a-z]*?$", "Abc", true)]
    [InlineData("^(?<year>[0-9]{4})(?:-[0-9]{2}){1,2}$", "2026-01-31", true)]
    [InlineData("^[a\\-z]$", "b", false)]
    [InlineData("^[a-]$", "-", true)]
    [InlineData("^[[\\]]$", "]", true)]
    [InlineData("^\\p{Lu}\\p{Letter}+$", "Äöü", true)]
    [InlineData("^\\P{L}$", "1", true)]
    [InlineData("^[\\p{L}\\p{Nd} ]+$", "Straße 7", true)]
    [InlineData("^\\u00e9\\x41\\cJ$", "éA\n", true)]
    [InlineData("^(a|b|)$", "", true)]
    [InlineData("^a{2,}$", "a", false)]
    public void A_pattern_means_what_ECMAScript_says(string pattern, string text, bool matches)
    {
        var schema = $$"""{"pattern":{{JsonSerializer.Serialize(pattern)}}}""";
        JsonSchema.TryCompile(Json.Of(schema), out var compiled, out var problem).ShouldBeTrue(problem?.Text);
        compiled!.IsValid(Json.Of(JsonSerializer.Serialize(text))).ShouldBe(matches);
    }

    [Theory]
    [InlineData("(?=a)b")]
    [InlineData("(?<!a)b")]
    [InlineData("(a)\\1")]
    [InlineData("\\bword\\b")]
    [InlineData("\\p{Script=Greek}")]
    [InlineData("\\q")]
    [InlineData("a**")]
    [InlineData("*a")]
    [InlineData("a{3,2}")]
    [InlineData("a{")]
    [InlineData("(a")]
    [InlineData("a)")]
    [InlineData("[a")]
    [InlineData("[z-a]")]
    [InlineData("[\\d-z]")]
    [InlineData("[]")]
    [InlineData("\\")]
    [InlineData("(((a{100}){100}){100})")]
    [InlineData("(?i)a")]
    [InlineData(".*a.{900}$")]
    [InlineData("[a-z-[aeiou]]")]
    public void What_has_no_linear_form_is_refused(string pattern)
    {
        JsonSchema.TryCompile(Json.Of($$"""{"pattern":{{JsonSerializer.Serialize(pattern)}}}"""), out _, out var problem).ShouldBeFalse();
        problem!.Code.ShouldBe("pattern-unsupported");
    }

    [Fact]
    public void A_text_too_long_for_a_large_pattern_is_invalid()
    {
        JsonSchema.TryCompile(Json.Of("""{"pattern":"(?:(?:a{1,30}){1,30}b?){2}"}"""), out var schema, out _).ShouldBeTrue();
        schema!.IsValid(Json.Of($"\"{new string('a', 1_000)}\"")).ShouldBeTrue();
        schema.Validate(Json.Of($"\"{new string('a', 50_000)}\"")).ShouldHaveSingleItem().Keyword.ShouldBe("limit");
    }

    [Fact]
    public void A_pattern_made_to_backtrack_ends()
    {
        JsonSchema.TryCompile(Json.Of("""{"pattern":"^(a+)+$"}"""), out var schema, out _).ShouldBeTrue();
        schema!.IsValid(Json.Of($"\"{new string('a', 50_000)}!\"")).ShouldBeFalse();
    }
}
