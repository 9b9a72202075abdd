using System.Security.Cryptography;
using EventLedger.Domain.Kernel;
using EventLedger.Domain.Ledger;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Ledger;

/// <summary>The example tokens of RFC 9901; their headers are not a record's, so each payload is signed anew.</summary>
public sealed class SdJwtVectorsTests
{
    public static TheoryData<string> Tokens => [.. VectorFiles.Json("sd-jwt/rfc9901.json").GetProperty("tokens").EnumerateObject().Select(t => t.Name)];

    [Theory]
    [MemberData(nameof(Tokens))]
    public void Every_disclosure_of_the_standard_finds_its_place(string name)
    {
        var parts = VectorFiles.Json("sd-jwt/rfc9901.json").GetProperty("tokens").GetProperty(name).GetString()!.Split('~');
        B64.TryDecode(parts[0].Split('.')[1], out var payload).ShouldBeTrue();
        using var key = SigningKey.From(KeyPurpose.Record, ECDsa.Create(ECCurve.NamedCurves.nistP256));
        var text = $"{key.SignJws(SdJwt.Typ, payload)}~{string.Concat(parts[1..^1].Select(d => d + "~"))}";
        SdJwt.TryParse(text, out var record, out _).ShouldBeTrue();
        record.IsSignedBy(key.Public).ShouldBeTrue();
        var claims = record.Disclose(out var problem);
        problem.ShouldBeNull();
        claims!.ToJsonString().ShouldNotContain("\"_sd");
    }

    [Fact]
    public void The_example_of_section_5_1_gives_the_claims_of_the_standard()
    {
        var parts = VectorFiles.Json("sd-jwt/rfc9901.json").GetProperty("tokens").GetProperty("Section51SdJwt").GetString()!.Split('~');
        B64.TryDecode(parts[0].Split('.')[1], out var payload).ShouldBeTrue();
        using var key = SigningKey.From(KeyPurpose.Record, ECDsa.Create(ECCurve.NamedCurves.nistP256));
        SdJwt.TryParse($"{key.SignJws(SdJwt.Typ, payload)}~{string.Join('~', parts[1..])}", out var record, out _).ShouldBeTrue();
        var claims = record.Disclose(out _)!;
        claims["given_name"]!.GetValue<string>().ShouldBe("John");
        claims["birthdate"]!.GetValue<string>().ShouldBe("1940-01-01");
        claims["address"]!["locality"]!.GetValue<string>().ShouldBe("Anytown");
        claims["nationalities"]!.AsArray().Select(n => n!.GetValue<string>()).ShouldBe(["US", "DE"]);
    }

    [Fact]
    public void A_digest_is_the_one_of_the_standard() =>
        SdJwt.DigestOf("WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0").ShouldBe("X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0");
}
