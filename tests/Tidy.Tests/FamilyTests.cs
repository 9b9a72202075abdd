using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Shouldly;
using Xunit;

namespace EventLedger.Tidy.Tests;

/// <summary>A closed family is an abstract record with a private constructor: nobody can add a case that its folds do not know.</summary>
public sealed class FamilyTests
{
    [Fact]
    public void Every_abstract_record_is_closed() => Tree.CSharp("src").SelectMany(Open).ShouldBeEmpty();

    [Fact]
    public void Every_case_of_a_family_is_sealed() => Tree.CSharp("src").SelectMany(Unsealed).ShouldBeEmpty();

    [Fact]
    public void An_open_family_is_found() => Open(new("x.cs", "abstract record E { sealed record A : E; }")).ShouldHaveSingleItem();

    [Fact]
    public void An_unsealed_case_is_found() =>
        Unsealed(new("x.cs", "abstract record E { private E() { } record A : E; sealed record B : E; abstract record C : E; }")).ShouldBe(["x.cs: A"]);

    private static IEnumerable<string> Open(TextFile file) => Families(file)
        .Where(family => !family.Members.OfType<ConstructorDeclarationSyntax>().Any(ctor => ctor.Modifiers.Any(SyntaxKind.PrivateKeyword)))
        .Select(family => $"{file.Path}: {family.Identifier.ValueText}");

    private static IEnumerable<string> Unsealed(TextFile file) => Families(file)
        .SelectMany(family => family.Members.OfType<RecordDeclarationSyntax>())
        .Where(item => !item.Modifiers.Any(SyntaxKind.SealedKeyword) && !item.Modifiers.Any(SyntaxKind.AbstractKeyword)
            && !item.IsKind(SyntaxKind.RecordStructDeclaration))
        .Select(item => $"{file.Path}: {item.Identifier.ValueText}");

    private static IEnumerable<RecordDeclarationSyntax> Families(TextFile file) =>
        Syntax.Parse(file.Text).DescendantNodes().OfType<RecordDeclarationSyntax>().Where(type => type.Modifiers.Any(SyntaxKind.AbstractKeyword));
}
