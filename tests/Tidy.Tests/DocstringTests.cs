using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shouldly;
using Xunit;

namespace EventLedger.Tidy.Tests;

/// <summary>A number without a unit or range is half a fact.</summary>
public sealed partial class DocstringTests
{
    [Fact]
    public void Numbers_of_public_records_name_their_unit_or_range() => Tree.CSharp("src/Domain").SelectMany(WithoutUnit).ShouldBeEmpty();

    [Fact]
    public void A_bare_number_is_found() => WithoutUnit(new("x.cs", """
        /// <summary>X.</summary>
        /// <param name="Size">The thing.</param>
        /// <param name="SizeBytes">The thing.</param>
        /// <param name="Seq">1-based.</param>
        public sealed record X(long Size, int SizeBytes, long Seq);
        """)).ShouldBe(["x.cs: X.Size"]);

    private static IEnumerable<string> WithoutUnit(TextFile file) =>
        from type in Syntax.Parse(file.Text).DescendantNodes().OfType<RecordDeclarationSyntax>()
        where type.Modifiers.Any(modifier => modifier.ValueText == "public") && type.ParameterList is not null
        let docs = type.GetLeadingTrivia().ToFullString()
        from parameter in type.ParameterList!.Parameters
        where parameter.Type?.ToString() is "int" or "long" or "uint" or "ulong" or "int?" or "long?"
        let name = parameter.Identifier.ValueText
        where !UnitInName().IsMatch(name)
        let doc = Regex.Match(docs, $"<param name=\"{name}\">(.*?)</param>", RegexOptions.Singleline)
        where doc.Success && !Unit().IsMatch(doc.Groups[1].Value)
        select $"{file.Path}: {type.Identifier.ValueText}.{name}";

    [GeneratedRegex("(Bytes|Ms|Seconds|Count|Height|Round|Index|Version|Seq|Percent)$")]
    private static partial Regex UnitInName();

    [GeneratedRegex(@"-based|\b(bytes?|ms|milliseconds?|seconds?|minutes?|hours?|count|number|how many|index|height|round|seq|leaf|leaves|entries|votes?|power|"
        + @"size|version|place|at most|at least|from|below|above|zero|[0-9])", RegexOptions.IgnoreCase)]
    private static partial Regex Unit();
}
