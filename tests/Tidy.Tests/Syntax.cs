using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace EventLedger.Tidy.Tests;

/// <summary>What the rules read off a C# file's syntax: no compilation, so a rule costs milliseconds.</summary>
internal static class Syntax
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.Preview);

    public static CompilationUnitSyntax Parse(string text) => CSharpSyntaxTree.ParseText(text, Options).GetCompilationUnitRoot();

    /// <summary>Every word of code: identifiers and keywords, not what stands in strings and comments.</summary>
    public static IEnumerable<(string Word, int Line)> Words(string text) => Parse(text).DescendantTokens()
        .Where(token => token.IsKind(SyntaxKind.IdentifierToken) || token.IsKeyword())
        .Select(token => (token.ValueText, token.GetLocation().GetLineSpan().StartLinePosition.Line + 1));

    public static IEnumerable<string> DeclaredTypes(string text) => Parse(text).DescendantNodes()
        .Select(node => node switch
        {
            BaseTypeDeclarationSyntax type => type.Identifier.ValueText,
            DelegateDeclarationSyntax type => type.Identifier.ValueText,
            _ => null,
        })
        .OfType<string>();

    /// <summary>Namespaces and types named by using directives.</summary>
    public static IEnumerable<string> Imports(string text) =>
        Parse(text).DescendantNodes().OfType<UsingDirectiveSyntax>().Select(import => import.NamespaceOrType.ToString());

    /// <summary>Names with dots in code, each as a whole, without type arguments: <c>a.b.c</c> and not <c>a.b</c> too.</summary>
    public static IEnumerable<string> DottedNames(string text) => Parse(text).DescendantNodes()
        .Where(node => node is QualifiedNameSyntax or MemberAccessExpressionSyntax && node.Parent is not (QualifiedNameSyntax or MemberAccessExpressionSyntax or BaseNamespaceDeclarationSyntax or UsingDirectiveSyntax))
        .Select(node => node.ToString().Split('<', '(', '[')[0]);

    /// <summary>What the types of a file are derived from, by simple name.</summary>
    public static IEnumerable<string> Implements(string text) =>
        Parse(text).DescendantNodes().OfType<BaseTypeSyntax>().Select(type => type.Type.ToString().Split('.', '<')[^1]);
}
