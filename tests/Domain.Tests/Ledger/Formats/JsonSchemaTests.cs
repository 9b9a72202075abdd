using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Ledger.Formats;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger.Formats;

public sealed class JsonSchemaTests
{
    [Fact]
    [Y4561("D-7.1.1-b")]
    public void Each_error_says_where_what_and_how_to_mend_it()
    {
        var schema = Compile("""{"type":"object","required":["b"],"properties":{"a/b":{"type":"array","items":{"maxLength":2}}},"additionalProperties":false}""");
        schema.Validate(Json.Of("""{"a/b":["ok","long"],"c":1}""")).ShouldBe(
        [
            new("/a~1b/1", "maxLength", "Has 4 characters; at most 2 are allowed."),
            new("/c", "additionalProperties", "Is not a known member here: remove it or correct its name."),
            new("", "required", "Lacks the member \"b\": add it."),
        ]);
    }

    [Fact]
    public void No_more_errors_are_listed_than_asked_for() =>
        Compile("""{"items":{"type":"string"}}""").Validate(Json.Of("[1,2,3,4,5]"), 3).Count.ShouldBe(3);

    [Fact]
    public void A_failed_alternative_is_no_error_of_its_own() =>
        Compile("""{"anyOf":[{"required":["a"]},{"required":["b"]}]}""").Validate(Json.Of("{}")).ShouldHaveSingleItem().Keyword.ShouldBe("anyOf");

    [Theory]
    [InlineData("$ref")]
    [InlineData("not")]
    public void A_schema_that_asks_for_exponential_work_ends_in_invalid(string keyword)
    {
        // Each definition applies the next one twice. A bound that was hit must not become a yes by "not".
        var definitions = new JsonObject { ["d40"] = true };
        for (var i = 0; i < 40; i++)
        {
            definitions[$"d{i}"] = new JsonObject { ["allOf"] = new JsonArray(Reference($"d{i + 1}"), Reference($"d{i + 1}")) };
        }
        var bomb = Compile(new JsonObject { ["$defs"] = definitions, [keyword] = keyword == "not" ? Reference("d0") : "#/$defs/d0" }.ToJsonString());
        bomb.IsValid(Json.Of("1")).ShouldBeFalse();
        bomb.Validate(Json.Of("1")).ShouldContain(e => e.Keyword == "limit");
    }

    [Fact]
    public void A_chain_of_references_too_long_to_follow_is_refused()
    {
        JsonSchema.TryCompile(Json.Of(Chain(300)), out _, out var problem).ShouldBeFalse();
        problem!.Code.ShouldBe("schema-too-large");
    }

    [Fact]
    public void Deep_nesting_ends_in_invalid_before_the_stack_does()
    {
        // Every level of the instance goes through the whole chain again; the thread has the smallest stack in use.
        var schema = Compile(Chain(100));
        var shallow = Json.Of("""{"a":{}}""");
        var deep = Json.Of(string.Concat(Enumerable.Repeat("""{"a":""", 50)) + "1" + new string('}', 50));
        var answers = new List<bool>();
        var thread = new Thread(() => answers.AddRange([schema.IsValid(shallow), schema.IsValid(deep)]), 1 << 20);
        thread.Start();
        thread.Join();
        answers.ShouldBe([true, false]);
    }

    [Theory]
    [InlineData("""{"multipleOf":0.01}""", "0.07", true)]
    [InlineData("""{"multipleOf":0.1}""", "1e400", true)]
    [InlineData("""{"multipleOf":3}""", "1e999999", false)]
    [InlineData("""{"maximum":9007199254740992}""", "9007199254740993", false)]
    [InlineData("""{"maximum":0.3}""", "0.30000000000000000001", false)]
    [InlineData("""{"const":100}""", "1.00e2", true)]
    [InlineData("""{"const":0}""", "-0.0", true)]
    [InlineData("""{"type":"integer"}""", "1.5e1", true)]
    [InlineData("""{"type":"integer"}""", "1.55e1", false)]
    [InlineData("""{"minimum":0}""", "1e99999999999", false)]
    public void Numbers_are_compared_as_written(string schema, string number, bool valid) => Compile(schema).IsValid(Json.Of(number)).ShouldBe(valid);

    [Theory]
    [InlineData("date", "2024-02-29", true)]
    [InlineData("date", "2026-02-29", false)]
    [InlineData("date", "2026-2-9", false)]
    [InlineData("date-time", "2026-01-31T08:00:00.5+01:00", true)]
    [InlineData("date-time", "2026-01-31T08:00:00", false)]
    [InlineData("date-time", "2026-01-32T08:00:00Z", false)]
    [InlineData("email", "a.b@example.com", true)]
    [InlineData("email", "a..b@example.com", false)]
    [InlineData("uri", "https://example.com/%C3%A4?q=1", true)]
    [InlineData("uri", "example.com", false)]
    [InlineData("uri", "https://example.com/a b", false)]
    [InlineData("uuid", "0f8fad5b-d9cb-469f-a165-70867728950e", true)]
    [InlineData("uuid", "0f8fad5bd9cb469fa16570867728950e", false)]
    public void A_format_constrains_only_where_it_is_asserted(string format, string text, bool valid)
    {
        var schema = Json.Of($$"""{"format":"{{format}}"}""");
        JsonSchema.TryCompile(schema, assertsFormats: true, out var asserted, out _).ShouldBeTrue();
        asserted!.IsValid(Json.Of($"\"{text}\"")).ShouldBe(valid);
        asserted.IsValid(Json.Of("1")).ShouldBeTrue();
        Compile(schema.GetRawText()).IsValid(Json.Of($"\"{text}\"")).ShouldBeTrue();
    }

    [Fact]
    public void A_format_that_cannot_be_asserted_is_refused()
    {
        JsonSchema.TryCompile(Json.Of("""{"format":"iban"}"""), assertsFormats: true, out _, out var problem).ShouldBeFalse();
        (problem!.Code, problem.Pointer).ShouldBe(("format-unsupported", "/format"));
    }

    [Fact]
    public void A_limit_orders_as_decimal_does() => Prop.ForAll<decimal, decimal>((limit, value) =>
    {
        var number = Json.Of(Text(value));
        Compile($$"""{"minimum":{{Text(limit)}}}""").IsValid(number).ShouldBe(value >= limit);
        Compile($$"""{"exclusiveMaximum":{{Text(limit)}}}""").IsValid(number).ShouldBe(value < limit);
        Compile($$"""{"const":{{Text(limit)}}}""").IsValid(number).ShouldBe(value == limit);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_multiple_is_what_whole_arithmetic_says() => Prop.ForAll<int, PositiveInt, byte>((value, divisor, places) =>
    {
        // The same power of ten on both sides changes nothing, whatever it is.
        var power = (places % 40) - 20;
        var scaled = Compile($$"""{"multipleOf":{{divisor.Get}}e{{power}}}""");
        scaled.IsValid(Json.Of($"{value}e{power}")).ShouldBe(value % divisor.Get == 0);
        scaled.IsValid(Json.Of($"{new BigInteger(value) * divisor.Get}e{power}")).ShouldBeTrue();
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Items_are_unique_when_all_differ() => Prop.ForAll<int[]>(items =>
        Compile("""{"uniqueItems":true}""").IsValid(Json.Of(JsonSerializer.Serialize(items.Select(i => new { i, s = $"{i}" })))) == (items.Distinct().Count() == items.Length))
        .QuickCheckThrowOnFailure();

    private static string Chain(int length)
    {
        var definitions = new JsonObject { [$"d{length}"] = new JsonObject { ["properties"] = new JsonObject { ["a"] = Reference("d0") } } };
        for (var i = 0; i < length; i++)
        {
            definitions[$"d{i}"] = new JsonObject { ["anyOf"] = new JsonArray(Reference($"d{i + 1}")), ["unevaluatedProperties"] = true };
        }
        return new JsonObject { ["$defs"] = definitions, ["$ref"] = "#/$defs/d0" }.ToJsonString();
    }

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/$defs/{name}" };

    private static string Text(decimal value) => value.ToString(CultureInfo.InvariantCulture);

    private static JsonSchema Compile(string schema) =>
        JsonSchema.TryCompile(Json.Of(schema), out var compiled, out var problem) ? compiled : throw new ShouldAssertException(problem.ToString());
}
