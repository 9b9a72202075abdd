using System.Text.Json.Nodes;
using EventLedger.Domain.Ledger.Formats;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger.Formats;

public sealed class RecordFormatRefusalTests
{
    private const string Good = """
        {"id":"a","version":1,"title":"A","lifecycle":false,"key":["n"],"classification":{"n":"public","p":"personal"},
         "schema":{"type":"object","additionalProperties":false,"required":["n"],"properties":{"n":{"type":"string"},"p":{"type":"string"}}}}
        """;

    [Fact]
    public void The_plain_example_is_accepted() => RecordFormatTests.Parse(Good).Sources.ShouldBeNull();

    [Fact]
    public void A_list_of_sources_is_kept() => RecordFormatTests.Parse(With("sources", """["https://a.example"]""")).Allows("https://b.example").ShouldBeFalse();

    [Theory]
    [InlineData("id", "\"A\"", "id-invalid", "/id")]
    [InlineData("id", "\"-a\"", "id-invalid", "/id")]
    [InlineData("id", "\"status\"", "id-invalid", "/id")]
    [InlineData("id", "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "id-invalid", "/id")]
    [InlineData("version", "0", "version-invalid", "/version")]
    [InlineData("version", "\"1\"", "version-invalid", "/version")]
    [InlineData("title", "\" \"", "title-invalid", "/title")]
    [InlineData("lifecycle", "\"no\"", "format-malformed", "/lifecycle")]
    [InlineData("extra", "1", "format-malformed", "/extra")]
    [InlineData("sources", "[]", "sources-invalid", "/sources")]
    [InlineData("sources", "[\"a\"]", "sources-invalid", "/sources")]
    [InlineData("key", "[]", "key-invalid", "/key")]
    [InlineData("key", "[\"n\",\"n\"]", "key-invalid", "/key")]
    [InlineData("key", "[\"p\"]", "key-invalid", "/key/0")]
    [InlineData("key", "[\"q\"]", "key-invalid", "/key/0")]
    [InlineData("classification", "{}", "format-malformed", "/classification")]
    [InlineData("classification", """{"n":"secret"}""", "format-malformed", "/classification/n")]
    [InlineData("classification", """{"n":"public"}""", "field-unclassified", "/schema/properties/p")]
    [InlineData("classification", """{"n":"public","p":"personal","q":"public"}""", "field-unlisted", "/classification/q")]
    [InlineData("schema", "true", "schema-open", "/schema")]
    [InlineData("schema", """{"type":"object","properties":{}}""", "schema-open", "/schema")]
    [InlineData("schema", """{"type":"object","properties":{"n":{"format":"iban"}}}""", "format-unsupported", "/schema/properties/n/format")]
    [InlineData("schema", """{"type":"object","maxLenght":1}""", "keyword-unknown", "/schema/maxLenght")]
    public void A_format_is_refused_with_its_place(string member, string value, string code, string pointer) => Refused(With(member, value), code, pointer);

    [Theory]
    [InlineData("""{"allOf":[{"properties":{"p":{"minLength":1}}}]}""", "/schema/allOf/0/properties")]
    [InlineData("""{"anyOf":[{"required":["n"]},{"required":["p"]}]}""", "/schema/anyOf/1/required")]
    [InlineData("""{"oneOf":[{"not":{"required":["p"]}}]}""", "/schema/oneOf/0/not/required")]
    [InlineData("""{"if":{"properties":{"p":{"const":"x"}}},"then":{"required":["n"]}}""", "/schema/if/properties")]
    [InlineData("""{"if":true,"else":{"required":["p"]}}""", "/schema/else/required")]
    [InlineData("""{"dependentRequired":{"p":["n"]}}""", "/schema/dependentRequired")]
    [InlineData("""{"dependentRequired":{"n":["p"]}}""", "/schema/dependentRequired")]
    [InlineData("""{"dependentSchemas":{"p":{}}}""", "/schema/dependentSchemas")]
    [InlineData("""{"dependentSchemas":{"n":{"required":["p"]}}}""", "/schema/dependentSchemas/n/required")]
    [InlineData("""{"$ref":"#/$defs/x","$defs":{"x":{"required":["p"]}}}""", "/schema/$defs/x/required")]
    [InlineData("""{"not":{"additionalProperties":{"type":"number"}}}""", "/schema/not/additionalProperties")]
    [InlineData("""{"minProperties":2}""", "/schema/minProperties")]
    [InlineData("""{"propertyNames":{"maxLength":1}}""", "/schema/propertyNames")]
    [InlineData("""{"unevaluatedProperties":false}""", "/schema/unevaluatedProperties")]
    [InlineData("""{"patternProperties":{"^p":true}}""", "/schema/patternProperties")]
    [InlineData("""{"anyOf":[{"const":{"n":"x"}}]}""", "/schema/anyOf/0/const")]
    [InlineData("""{"enum":[{"n":"x"}]}""", "/schema/enum")]
    [InlineData("""{"properties":{"n":{"type":"string","not":{"$ref":"#"}},"p":true}}""", "/schema/properties/n/not/$ref")]
    [InlineData("""{"properties":{"n":{"type":"string","$ref":"#/properties/p"},"p":true}}""", "/schema/properties/n/$ref")]
    [InlineData("""{"properties":{"n":{"type":"string","$dynamicRef":"#/$defs/x"},"p":true},"$defs":{"x":true}}""", "/schema/properties/n/$dynamicRef")]
    public void A_rule_that_needs_a_classified_field_is_refused(string more, string pointer) => Refused(Schema(more), "schema-not-separable", pointer);

    [Theory]
    [InlineData("""{"properties":{"n":{"type":"string"},"p":true,"iss":true}}""", "field-reserved", "/schema/properties/iss")]
    [InlineData("""{"properties":{"n":{"type":"string"},"p":true,"_sd":true}}""", "field-reserved", "/schema/properties/_sd")]
    [InlineData("""{"required":["n","q"]}""", "field-unlisted", "/schema/required")]
    [InlineData("""{"if":{"required":["exp"]},"then":false}""", "field-unlisted", "/schema/if/required")]
    [InlineData("""{"required":[]}""", "key-invalid", "/key/0")]
    [InlineData("""{"properties":{"n":{"type":["string","null"]},"p":true}}""", "key-invalid", "/key/0")]
    [InlineData("""{"properties":{"n":true,"p":true}}""", "key-invalid", "/key/0")]
    public void A_schema_keeps_to_its_own_fields(string more, string code, string pointer) => Refused(Schema(more), code, pointer);

    [Theory]
    [InlineData("""{"if":{"properties":{"n":{"const":"x"}}},"then":{"properties":{"n":{"maxLength":3}}},"allOf":[{"required":["n"]}]}""")]
    [InlineData("""{"properties":{"n":{"type":"string"},"p":{"anyOf":[{"type":"string"},{"type":"null"}]}}}""")]
    [InlineData("""{"properties":{"n":{"type":"string"},"p":{"$ref":"#/$defs/x"}},"$defs":{"x":{"patternProperties":{"^a":true},"minProperties":1}}}""")]
    public void Rules_on_public_fields_and_inside_a_field_are_free(string more) => RecordFormatTests.Parse(Schema(more)).Id.ShouldBe("a");

    private static void Refused(string format, string code, string pointer)
    {
        RecordFormat.TryParse(Json.Of(format), out _, out var problem).ShouldBeFalse();
        (problem!.Code, problem.Pointer).ShouldBe((code, pointer));
    }

    private static string With(string member, string value)
    {
        var format = JsonNode.Parse(Good)!;
        format[member] = JsonNode.Parse(value);
        return format.ToJsonString();
    }

    private static string Schema(string more)
    {
        var format = JsonNode.Parse(Good)!;
        foreach (var (keyword, value) in JsonNode.Parse(more)!.AsObject())
        {
            format["schema"]![keyword] = value?.DeepClone();
        }
        return format.ToJsonString();
    }
}
