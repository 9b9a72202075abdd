using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace EventLedger.Tidy.Tests;

/// <summary>What the code encrypts, signs and hashes with is what docs/threat-model.md lists, and nothing weak is among it.</summary>
public sealed partial class CryptographyTests
{
    // Ciphers, hashes, signatures and sources of randomness of the platform; what is weak stands here too, so that it would be seen.
    private static readonly HashSet<string> Primitives =
    [
        "Aes", "AesCcm", "AesGcm", "ChaCha20Poly1305", "DES", "TripleDES", "RC2", "RSA", "DSA", "ECDsa", "ECDiffieHellman", "Ed25519", "MLDsa", "MLKem", "HKDF", "Rfc2898DeriveBytes",
        "PasswordDeriveBytes", "MD5", "SHA1", "SHA256", "SHA384", "SHA512", "SHA3_256", "SHA3_512", "HMACMD5", "HMACSHA1", "HMACSHA256", "HMACSHA384", "HMACSHA512",
        "RandomNumberGenerator", "Random", "IPasswordHasher",
    ];

    [Fact]
    public void Every_algorithm_in_use_is_in_the_inventory_and_the_other_way_round() => InUse().ShouldBe(Inventory(), ignoreOrder: true);

    [Fact]
    public void No_weak_cipher_hash_padding_or_randomness_is_used() => Tree.CSharp("src")
        .SelectMany(file => Weak().Matches(Code(file)).Select(match => $"{file.Path}: {match.Value}")).ShouldBeEmpty();

    [Theory]
    [InlineData("using var h = MD5.Create();")]
    [InlineData("HashAlgorithmName.SHA1")]
    [InlineData("aes.Mode = CipherMode.ECB;")]
    [InlineData("RSAEncryptionPadding.Pkcs1")]
    [InlineData("Random.Shared.Next()")]
    [InlineData("ECCurve.NamedCurves.brainpoolP160r1")]
    public void A_weak_one_is_found(string code) => Weak().IsMatch(code).ShouldBeTrue();

    private static IEnumerable<string> InUse() => Tree.CSharp("src").SelectMany(file => Syntax.Words(file.Text)).Select(word => word.Word).Where(Primitives.Contains).Distinct();

    private static IEnumerable<string> Inventory() => Tree.Get("docs/threat-model.md").Lines
        .SkipWhile(line => !line.StartsWith("| Algorithm |", StringComparison.Ordinal)).TakeWhile(line => line.StartsWith('|'))
        .Select(line => Primitive().Match(line)).Where(match => match.Success).Select(match => match.Groups[1].Value);

    private static string Code(TextFile file) => string.Join(' ', Syntax.Parse(file.Text).DescendantTokens().Select(token => token.Text)).Replace(" . ", ".", StringComparison.Ordinal);

    [GeneratedRegex(@"\b(MD5|SHA1|HMACMD5|HMACSHA1|DES|TripleDES|RC2|RijndaelManaged|CipherMode\.(ECB|CBC|CFB|OFB)|\w+Padding\.Pkcs1|Random\.Shared|new Random|NamedCurves\.(?!nistP(256|384|521))\w+)\b")]
    private static partial Regex Weak();

    [GeneratedRegex(@"^\| [^|]*`(\w+)`")]
    private static partial Regex Primitive();
}
