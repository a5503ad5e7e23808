using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RunCloud.PowerShell.Tests.Readme;

namespace RunCloud.PowerShell.Tests.Layout;

/// <summary>One folder's code names a type of another folder of the same project.</summary>
/// <param name="From">The folder that names; empty for the root.</param>
/// <param name="To">The folder of the type; empty for the root.</param>
/// <param name="Where">The file and the type.</param>
internal sealed record FolderUse(string From, string To, string Where);

/// <summary>The source code of <c>src</c>, compiled in memory so that each name is known for what it is.</summary>
internal sealed class SourceTree
{
    private readonly CSharpCompilation _compilation;

    private SourceTree(CSharpCompilation compilation) => _compilation = compilation;

    /// <summary>The usings that the SDK adds to each project.</summary>
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly CSharpParseOptions Options = new(LanguageVersion.Preview, preprocessorSymbols: ["NET", "NET8_0_OR_GREATER"]);

    private static readonly Lazy<SourceTree> All = new(Read);

    /// <summary>All of <c>src</c>.</summary>
    internal static SourceTree Whole => All.Value;

    /// <summary>The same with further files.</summary>
    /// <param name="more">Their paths below <c>src</c> and their texts.</param>
    internal SourceTree With(params IEnumerable<(string Path, string Text)> more) => new(_compilation.AddSyntaxTrees(more.Select(Parse)));

    private static SourceTree Read()
    {
        var files = Files("src").Select(file => (Path: Path.GetRelativePath(Folder("src"), file).Replace('\\', '/'), Text: File.ReadAllText(file))).Append((Path: "ImplicitUsings.cs", Text: ImplicitUsings));
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !Path.GetFileName(path).StartsWith("RunCloud.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path));
        return new SourceTree(CSharpCompilation.Create(
            "src",
            files.Select(Parse),
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable)));
    }

    private static SyntaxTree Parse((string Path, string Text) file) => CSharpSyntaxTree.ParseText(file.Text, Options, file.Path);

    /// <summary>The C# files below a folder of the repository, without what the build makes.</summary>
    internal static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(Folder(folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"));

    /// <summary>Which folders of a project name types of which others.</summary>
    internal IReadOnlyList<FolderUse> Uses(string project)
    {
        var uses = new List<FolderUse>();
        foreach (var tree in _compilation.SyntaxTrees.Where(tree => tree.FilePath.StartsWith(project + "/", StringComparison.Ordinal)))
        {
            var model = _compilation.GetSemanticModel(tree);
            var named = tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>().Select(name => TypeOf(model.GetSymbolInfo(name))).OfType<INamedTypeSymbol>();
            foreach (var type in named.Distinct<INamedTypeSymbol>(SymbolEqualityComparer.Default))
            {
                uses.AddRange(type.DeclaringSyntaxReferences.Select(reference => reference.SyntaxTree.FilePath)
                    .Where(path => path.StartsWith(project + "/", StringComparison.Ordinal))
                    .Select(path => new FolderUse(FolderOf(tree.FilePath), FolderOf(path), $"{tree.FilePath} names {type.Name}"))
                    .Where(use => use.From != use.To));
            }
        }

        return uses;
    }

    /// <summary>The cmdlets, with the error ids that their own class and the bases between it and the common ones give.</summary>
    internal IReadOnlyDictionary<string, IReadOnlyCollection<string>> ErrorIdsOfCmdlets()
    {
        var common = new[] { "RunCloudCommand", "RunCloudApiCommand" };
        var found = new Dictionary<string, IReadOnlyCollection<string>>(StringComparer.Ordinal);
        foreach (var cmdlet in _compilation.SyntaxTrees.SelectMany(tree => tree.GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>()))
        {
            var type = _compilation.GetSemanticModel(cmdlet.SyntaxTree).GetDeclaredSymbol(cmdlet)!;
            if (type.GetAttributes().FirstOrDefault(one => one.AttributeClass?.Name == "CmdletAttribute") is { ConstructorArguments: [var verb, var noun] })
            {
                var ids = new HashSet<string>(StringComparer.Ordinal);
                for (var one = type; one?.DeclaringSyntaxReferences.Length > 0 && !common.Contains(one.Name); one = one.BaseType)
                {
                    ids.UnionWith(one.DeclaringSyntaxReferences.SelectMany(part => ErrorIds(part.GetSyntax(), followsFailures: true)));
                }

                found[$"{verb.Value}-{noun.Value}"] = ids;
            }
        }

        return found;
    }

    private IEnumerable<string> ErrorIds(SyntaxNode node, bool followsFailures)
    {
        var model = _compilation.GetSemanticModel(node.SyntaxTree);
        foreach (var name in node.DescendantNodes().OfType<SimpleNameSyntax>())
        {
            var symbol = model.GetSymbolInfo(name).Symbol;
            if (symbol is IFieldSymbol { ContainingType.Name: "ErrorIds" })
            {
                yield return symbol.Name;
            }
            else if (followsFailures && symbol is IMethodSymbol { ContainingType.Name: "Failures" })
            {
                foreach (var id in symbol.DeclaringSyntaxReferences.SelectMany(part => ErrorIds(part.GetSyntax(), followsFailures: false)))
                {
                    yield return id;
                }
            }
        }
    }

    private static INamedTypeSymbol? TypeOf(SymbolInfo info)
    {
        var symbol = info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
        return (symbol as INamedTypeSymbol ?? symbol?.ContainingType)?.OriginalDefinition;
    }

    private static string FolderOf(string path) => path.Split('/') is [_, .. var folders, _] ? string.Join('/', folders) : string.Empty;

    private static string Folder(string name) => Path.Combine(MarkdownCode.Root, name);
}
