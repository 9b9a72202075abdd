using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger.Formats;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger.Formats;

public sealed class RecordFormatTests
{
    private const string Licence = """
        {"id":"food-permit","version":2,"title":"Mobile food permit","lifecycle":true,"key":["permit","location"],
         "classification":{"permit":"public","location":"public","applicant":"personal","phone":"personal","score":"restricted","kind":"public"},
         "schema":{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
           "required":["permit","location","applicant"],
           "properties":{"permit":{"type":"string","maxLength":20},"location":{"type":"integer"},"kind":{"enum":["truck","cart"]},
             "applicant":{"type":"string","minLength":1},"phone":{"$ref":"#/$defs/phone"},"score":{"type":"integer","maximum":100}},
           "dependentRequired":{"kind":["permit"]},
           "$defs":{"phone":{"type":"string","pattern":"^\\+[0-9]+$"}}}}
        """;

    private const string Envelope = """
        "iss":"https://dpw.example","vct":"urn:eventledger:food-permit:2","ledger":"x","jti":"1","iat":1,"exp":2,"nbf":1,"sub":"s","status":{},"_sd":[],"_sd_alg":"sha-256","cnf":{}
        """;

    [Fact]
    public void A_format_says_what_was_registered()
    {
        var format = Parse(Licence);
        (format.Id, format.Version, format.Title, format.HasLifecycle, format.Vct).ShouldBe(("food-permit", 2, "Mobile food permit", true, "urn:eventledger:food-permit:2"));
        format.Key.ShouldBe(["permit", "location"]);
        format.IsClassified("applicant").ShouldBeTrue();
        format.IsClassified("permit").ShouldBeFalse();
        format.Allows("https://anyone.example").ShouldBeTrue();
        RecordFormat.TryParseVct(format.Vct, out var id, out var version).ShouldBeTrue();
        (id, version).ShouldBe(("food-permit", 2));
    }

    [Fact]
    public void The_public_schema_lacks_classified_fields() => Encoding.UTF8.GetString(Parse(Licence).PublicSchema.Span).ShouldBe(
        """{"$defs":{"phone":{"pattern":"^\\+[0-9]+$","type":"string"}},"$schema":"https://json-schema.org/draft/2020-12/schema","additionalProperties":false,"""
        + """ "dependentRequired":{"kind":["permit"]},"properties":{"kind":{"enum":["truck","cart"]},"location":{"type":"integer"},"permit":{"maxLength":20,"type":"string"}},""".Trim()
        + """ "required":["permit","location"],"type":"object"}""".Trim());

    [Theory]
    [InlineData("""{"permit":"21MFF-00015","location":7,ENVELOPE}""", "")]
    [InlineData("""{"permit":"21MFF-00015","location":7,"kind":"cart","iss":"https://dpw.example"}""", "")]
    [InlineData("""{"permit":"21MFF-00015",ENVELOPE}""", "|required")]
    [InlineData("""{"permit":"21MFF-00015","location":7,"applicant":"A","score":1,ENVELOPE}""", "/applicant|classification /score|classification")]
    [InlineData("""{"permit":"21MFF-00015","location":7,"other":{"iss":1},ENVELOPE}""", "/other|additionalProperties")]
    [InlineData("""{"permit":"21MFF-00015","location":7,"kind":"ship",ENVELOPE}""", "/kind|enum")]
    public void Validators_see_the_public_claims_alone(string payload, string errors)
    {
        var element = Json.Of(payload.Replace("ENVELOPE", Envelope, StringComparison.Ordinal));
        var format = Parse(Licence);
        string.Join(" ", format.ValidatePublic(element).Select(e => $"{e.Pointer}|{e.Keyword}")).ShouldBe(errors);
        format.IsPublicValid(element).ShouldBe(errors.Length == 0);
    }

    [Theory]
    [InlineData("""{"applicant":"A"}""", "")]
    [InlineData("""{"applicant":"A","phone":"+49","score":100}""", "")]
    [InlineData("""{}""", "|required")]
    [InlineData("""{"applicant":"A","phone":"49"}""", "/phone|pattern")]
    [InlineData("""{"applicant":"A","kind":"cart"}""", "/kind|classification")]
    [InlineData("""{"applicant":"A","other":1}""", "/other|classification")]
    [InlineData("""{"applicant":"A","iss":"me"}""", "/iss|classification")]
    [Y4561("N-6.2.2-a")]
    public void The_host_sees_the_whole_record(string disclosed, string errors) =>
        string.Join(" ", Parse(Licence).ValidateFull(Payload, Members(disclosed)).Select(e => $"{e.Pointer}|{e.Keyword}")).ShouldBe(errors);

    [Fact]
    public void A_claim_disclosed_twice_is_an_error() => Parse(Licence)
        .ValidateFull(Payload, [.. Members("""{"applicant":"A"}"""), .. Members("""{"applicant":"B"}""")]).ShouldHaveSingleItem().Text.ShouldBe("Is disclosed twice.");

    [Fact]
    public void A_record_whose_public_part_fails_never_passes_as_a_whole() => Prop.ForAll<bool[], NonNull<string>, int>((present, text, number) =>
    {
        var all = new (string Name, JsonNode Value)[]
        {
            ("permit", text.Get), ("location", number), ("kind", number % 2 == 0 ? "truck" : text.Get), ("applicant", text.Get), ("phone", $"+{number}"), ("score", number),
        };
        var chosen = all.Where((_, i) => i >= present.Length || present[i]).ToList();
        var format = Parse(Licence);
        var record = Element(chosen);
        var visible = Element(chosen.Where(c => !format.IsClassified(c.Name)));
        if (format.ValidateFull(record).Count == 0)
        {
            format.IsPublicValid(visible).ShouldBeTrue();
        }
        format.IsPublicValid(visible).ShouldBe(format.ValidatePublic(visible).Count == 0);
        format.IsPublicValid(record).ShouldBe(chosen.All(c => !format.IsClassified(c.Name)) && format.IsPublicValid(visible));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_stream_is_the_hash_of_source_format_and_key() => Parse(Licence).StreamOf(Payload)
        .ShouldBe("record-" + Digest.Of("""["https://dpw.example","food-permit",["21MFF-00015",7]]"""));

    [Theory]
    [InlineData("""{"permit":"a","location":7}""")]
    [InlineData("""{"iss":"i","permit":"a"}""")]
    [InlineData("""{"iss":"i","permit":["a"],"location":7}""")]
    [InlineData("""{"iss":"i","permit":"a","location":7.0}""")]
    [InlineData("""{"iss":"i","permit":"a","location":9007199254740992}""")]
    public void A_record_without_a_plain_key_has_no_stream(string payload) => Parse(Licence).StreamOf(Json.Of(payload)).ShouldBeNull();

    [Theory]
    [InlineData("urn:eventledger:a:01")]
    [InlineData("urn:eventledger:a:0")]
    [InlineData("urn:eventledger:status:1")]
    [InlineData("urn:eventledger:A:1")]
    [InlineData("urn:eventledger:-a:1")]
    [InlineData("urn:eventledger:a:+1")]
    [InlineData("urn:eventledger:a:1:2")]
    [InlineData(null)]
    public void Another_vct_is_no_format(string? vct) => RecordFormat.TryParseVct(vct, out _, out _).ShouldBeFalse();

    private static JsonElement Payload => Json.Of($$"""{"permit":"21MFF-00015","location":7,{{Envelope}}}""");

    internal static RecordFormat Parse(string json) =>
        RecordFormat.TryParse(Json.Of(json), out var format, out var problem) ? format : throw new ShouldAssertException(problem.ToString());

    private static List<KeyValuePair<string, JsonElement>> Members(string json) =>
        [.. Json.Of(json).EnumerateObject().Select(m => KeyValuePair.Create(m.Name, m.Value))];

    private static JsonElement Element(IEnumerable<(string Name, JsonNode Value)> members) =>
        Json.Of(new JsonObject(members.Select(m => KeyValuePair.Create<string, JsonNode?>(m.Name, m.Value.DeepClone()))).ToJsonString());
}
