using EventLedger.Domain.Ledger.Formats;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger.Formats;

public sealed class JsonSchemaRefusalTests
{
    [Theory]
    [InlineData("""[]""", "schema-type", "")]
    [InlineData("""{"properties":{"a":1}}""", "schema-type", "/properties/a")]
    [InlineData("""{"maxLenght":3}""", "keyword-unknown", "/maxLenght")]
    [InlineData("""{"properties":{"a":{"definitions":{}}}}""", "keyword-unknown", "/properties/a/definitions")]
    [InlineData("""{"$vocabulary":{}}""", "keyword-unknown", "/$vocabulary")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-07/schema#"}""", "dialect-unknown", "/$schema")]
    [InlineData("""{"items":{"$schema":"https://json-schema.org/draft/2020-12/schema"}}""", "dialect-unknown", "/items/$schema")]
    [InlineData("""{"$ref":"https://example.com/other.json"}""", "reference-remote", "/$ref")]
    [InlineData("""{"$ref":"#/$defs/none"}""", "reference-unknown", "/$ref")]
    [InlineData("""{"$ref":"#none"}""", "reference-unknown", "/$ref")]
    [InlineData("""{"const":{"a":{}},"$ref":"#/const/a"}""", "reference-unknown", "/$ref")]
    [InlineData("""{"$ref":"#"}""", "reference-loop", "")]
    [InlineData("""{"$defs":{"a":{"allOf":[{"$ref":"#/$defs/b"}]},"b":{"not":{"$ref":"#/$defs/a"}}}}""", "reference-loop", "/$defs/a")]
    [InlineData("""{"$dynamicAnchor":"x","dependentSchemas":{"a":{"$dynamicRef":"#x"}}}""", "reference-loop", "")]
    [InlineData("""{"$id":"#frag"}""", "id-invalid", "/$id")]
    [InlineData("""{"$defs":{"a":{"$id":"x"},"b":{"$id":"x"}}}""", "id-twice", "/$defs/b/$id")]
    [InlineData("""{"$anchor":"1a"}""", "anchor-invalid", "/$anchor")]
    [InlineData("""{"$defs":{"a":{"$anchor":"x"},"b":{"$anchor":"x"}}}""", "anchor-invalid", "/$defs/b/$anchor")]
    [InlineData("""{"type":"float"}""", "keyword-type", "/type")]
    [InlineData("""{"type":[]}""", "keyword-type", "/type")]
    [InlineData("""{"type":["string","string"]}""", "keyword-type", "/type")]
    [InlineData("""{"allOf":[]}""", "keyword-type", "/allOf")]
    [InlineData("""{"properties":[]}""", "keyword-type", "/properties")]
    [InlineData("""{"required":["a","a"]}""", "keyword-type", "/required")]
    [InlineData("""{"dependentRequired":{"a":"b"}}""", "keyword-type", "/dependentRequired/a")]
    [InlineData("""{"enum":"a"}""", "keyword-type", "/enum")]
    [InlineData("""{"minLength":-1}""", "keyword-type", "/minLength")]
    [InlineData("""{"maxItems":1.5}""", "keyword-type", "/maxItems")]
    [InlineData("""{"multipleOf":0}""", "keyword-type", "/multipleOf")]
    [InlineData("""{"multipleOf":-2}""", "keyword-type", "/multipleOf")]
    [InlineData("""{"maximum":"9"}""", "keyword-type", "/maximum")]
    [InlineData("""{"minimum":1e9999999999}""", "keyword-type", "/minimum")]
    [InlineData("""{"uniqueItems":1}""", "keyword-type", "/uniqueItems")]
    [InlineData("""{"type":"string","type":"number"}""", "keyword-twice", "/type")]
    [InlineData("""{"properties":{"a":true,"a":false}}""", "keyword-twice", "/properties/a")]
    [InlineData("""{"then":{"minLength":"1"}}""", "keyword-type", "/then/minLength")]
    [InlineData("""{"pattern":"(?=a)"}""", "pattern-unsupported", "/pattern")]
    [InlineData("""{"patternProperties":{"(a":true}}""", "pattern-unsupported", "/patternProperties/(a")]
    public void What_cannot_be_checked_is_refused_with_its_place(string schema, string code, string pointer)
    {
        JsonSchema.TryCompile(Json.Of(schema), out _, out var problem).ShouldBeFalse();
        problem.ShouldNotBeNull().Code.ShouldBe(code);
        problem.Pointer.ShouldBe(pointer);
        problem.Text.ShouldNotBeEmpty();
    }

    [Fact]
    public void Notes_are_accepted() =>
        JsonSchema.TryCompile(Json.Of("""{"x-unit":"m","title":"Depth","format":"date","examples":[1],"$comment":"c"}"""), out _, out _).ShouldBeTrue();
}
