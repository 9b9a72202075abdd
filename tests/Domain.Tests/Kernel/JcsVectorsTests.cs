using System.Globalization;
using EventLedger.Domain.Kernel;
using Shouldly;
using Xunit;

namespace EventLedger.Domain.Tests.Kernel;

/// <summary>RFC 8785 by the vectors of its author.</summary>
public sealed class JcsVectorsTests
{
    public static TheoryData<string> Files => [.. VectorFiles.Names("jcs/testdata/input")];

    [Theory]
    [MemberData(nameof(Files))]
    public void Canonical_form_is_the_published_one(string file) =>
        Jcs.TryCanonicalize(VectorFiles.Read($"jcs/testdata/input/{file}")).ShouldBe(VectorFiles.Read($"jcs/testdata/output/{file}"));

    [Theory]
    [MemberData(nameof(Files))]
    public void Canonical_form_is_its_own_canonical_form(string file) => Jcs.IsCanonical(VectorFiles.Read($"jcs/testdata/output/{file}")).ShouldBeTrue();

    [Fact]
    public void The_first_thousand_numbers_are_written_as_published()
    {
        var lines = File.ReadAllLines(Path.Combine(VectorFiles.Folder, "jcs/es6numbers-1000.txt"));
        lines.Length.ShouldBe(1000);
        foreach (var line in lines)
        {
            var (bits, text) = (line[..line.IndexOf(',', StringComparison.Ordinal)], line[(line.IndexOf(',', StringComparison.Ordinal) + 1)..]);
            JcsNumber.Text(BitConverter.UInt64BitsToDouble(ulong.Parse(bits, NumberStyles.HexNumber, CultureInfo.InvariantCulture))).ShouldBe(text, line);
        }
    }

    [Theory]
    [InlineData("{\"a\":1,\"a\":2}")]
    [InlineData("{\"a\":1,\"\\u0061\":2}")]
    [InlineData("\"\\u0000\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("1e999")]
    [InlineData("[1,]")]
    [InlineData("// no")]
    public void What_is_not_strict_json_has_no_canonical_form(string json) => Jcs.TryCanonicalize(System.Text.Encoding.UTF8.GetBytes(json)).ShouldBeNull();
}
