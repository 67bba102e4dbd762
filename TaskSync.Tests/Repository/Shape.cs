using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace TaskSync.Tests.Repository;

/// <summary>Reads how large the constructors and methods of C# files are. Each is named by its file and its own name.</summary>
internal static class Shape
{
    /// <summary>The parameters of each constructor. Those of a record are its values and no dependencies.</summary>
    public static IEnumerable<(string Name, int Size)> Constructors(IEnumerable<(string File, string Text)> files) =>
        from file in files
        from node in Nodes(file.Text)
        let parameters = node switch
        {
            TypeDeclarationSyntax type and not RecordDeclarationSyntax => type.ParameterList,
            ConstructorDeclarationSyntax constructor => constructor.ParameterList,
            _ => null,
        }
        where parameters is not null
        select (Named(file.File, node), parameters.Parameters.Count);

    /// <summary>The parameters of each method and local function, without cancellation tokens.</summary>
    public static IEnumerable<(string Name, int Size)> Parameters(IEnumerable<(string File, string Text)> files) =>
        from file in files
        from node in Nodes(file.Text)
        let parameters = node switch
        {
            MethodDeclarationSyntax method => method.ParameterList,
            LocalFunctionStatementSyntax function => function.ParameterList,
            _ => null,
        }
        where parameters is not null
        select (Named(file.File, node), parameters.Parameters.Count(parameter => parameter.Type?.ToString() != nameof(CancellationToken)));

    /// <summary>The lines of each body, without its braces.</summary>
    public static IEnumerable<(string Name, int Size)> Lines(IEnumerable<(string File, string Text)> files) =>
        from file in files
        from node in Nodes(file.Text)
        let lines = node switch
        {
            BaseMethodDeclarationSyntax method => LinesOf(method.Body, method.ExpressionBody),
            LocalFunctionStatementSyntax function => LinesOf(function.Body, function.ExpressionBody),
            _ => 0,
        }
        where lines > 0
        select (Named(file.File, node), lines);

    private static IEnumerable<SyntaxNode> Nodes(string text) => CSharpSyntaxTree.ParseText(text).GetRoot().DescendantNodes();

    private static string Named(string file, SyntaxNode node) => $"{Path.GetFileNameWithoutExtension(file)}." + node switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        LocalFunctionStatementSyntax function => function.Identifier.Text,
        TypeDeclarationSyntax type => type.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        _ => node.Kind().ToString(),
    };

    private static int LinesOf(BlockSyntax? block, ArrowExpressionClauseSyntax? arrow) =>
        block is not null ? Math.Max(0, Span(block) - 2) : arrow is not null ? Span(arrow.Expression) : 0;

    private static int Span(SyntaxNode node)
    {
        var lines = node.SyntaxTree.GetLineSpan(node.Span);
        return lines.EndLinePosition.Line - lines.StartLinePosition.Line + 1;
    }
}
