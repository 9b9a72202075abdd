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
}
