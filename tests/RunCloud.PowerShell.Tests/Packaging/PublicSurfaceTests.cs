using System.Reflection;
using System.Runtime.CompilerServices;
using RunCloud.Testing;
using Xunit;

namespace RunCloud.PowerShell.Tests.Packaging;

/// <summary>
/// The public surface of the two assemblies is the one that was reviewed. Where it has changed on purpose, review the received file that
/// this test leaves beside the list, and put it in the list's place.
/// </summary>
public sealed class PublicSurfaceTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Theory]
    [InlineData("RunCloud.Api")]
    [InlineData("RunCloud.PowerShell")]
    public async Task The_public_surface_is_the_one_that_was_reviewed(string assembly)
    {
        var reviewed = Path.Combine(Folder(), assembly + ".txt");
        var received = Path.Combine(Folder(), assembly + ".received.txt");
        var surface = string.Concat(Surface(Assembly.Load(assembly)).Select(line => line + "\n"));
        if (File.Exists(reviewed) && (await File.ReadAllTextAsync(reviewed, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n") == surface)
        {
            File.Delete(received);
            return;
        }

        await File.WriteAllTextAsync(received, surface, TestContext.Current.CancellationToken);
        Assert.Fail($"The public surface of {assembly} has changed: compare {received} with {reviewed}.");
    }

    [Theory]
    [InlineData("RunCloud.Api")]
    [InlineData("RunCloud.PowerShell")]
    public void Every_public_class_is_sealed_unless_it_is_there_to_be_derived_from(string assembly) =>
        Assert.All(
            Assembly.Load(assembly).GetExportedTypes().Where(type => type.IsClass),
            type => Assert.True(type.IsSealed || (type.IsAbstract && type.GetConstructors(Declared).All(constructor => constructor.IsAssembly || constructor.IsFamilyAndAssembly)), type.FullName));

    private static string Folder() =>
        Path.GetFullPath(Path.Combine(StagedModule.Folder, "..", "..", "tests", "RunCloud.PowerShell.Tests", "Packaging", "PublicSurface"));

    private static IEnumerable<string> Surface(Assembly assembly)
    {
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            yield return Header(type);
            foreach (var member in Members(type).Order(StringComparer.Ordinal))
            {
                yield return "    " + member;
            }
        }
    }

    private static string Header(Type type)
    {
        var kind = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct"
            : type is { IsAbstract: true, IsSealed: true } ? "static class" : type.IsSealed ? "sealed class" : type.IsAbstract ? "abstract class" : "class";
        var bases = new[] { type.BaseType }.Where(one => one is not null && one != typeof(object) && one != typeof(ValueType) && one != typeof(Enum))
            .Concat(type.GetInterfaces().Where(one => one.IsVisible && !type.IsEnum && type.BaseType?.GetInterfaces().Contains(one) != true))
            .Select(one => Name(one!)).ToList();
        return $"{kind} {Name(type)}{(bases.Count == 0 ? "" : " : " + string.Join(", ", bases.Order(StringComparer.Ordinal)))}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Select(name => $"{name} = {Convert.ToInt64(Enum.Parse(type, name))}");
        }

        return type.GetMembers(Declared).Where(member => member.GetCustomAttribute<CompilerGeneratedAttribute>() is null).Select(Member).OfType<string>();
    }

    private static string? Member(MemberInfo member)
    {
        var nullability = new NullabilityInfoContext();
        return member switch
        {
            FieldInfo field when IsVisible(field.IsPublic, field.IsFamily || field.IsFamilyOrAssembly) =>
                $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name}",
            PropertyInfo property when property.GetAccessors(nonPublic: true).Where(IsVisible).ToList() is { Count: > 0 } accessors =>
                $"{(accessors[0].IsStatic ? "static " : "")}{Name(nullability.Create(property))} {property.Name}{Indices(property)} {{ {string.Join(" ", accessors.Select(Accessor))} }}",
            ConstructorInfo constructor when IsVisible(constructor) => $"new({Parameters(constructor)})",
            MethodInfo { IsSpecialName: false } method when IsVisible(method) =>
                $"{(method.IsStatic ? "static " : "")}{Name(nullability.Create(method.ReturnParameter))} {method.Name}({Parameters(method)})",
            MethodInfo method when method.Name.StartsWith("op_", StringComparison.Ordinal) => $"static {Name(method.ReturnType)} {method.Name}({Parameters(method)})",
            EventInfo happening when IsVisible(happening.AddMethod!) => $"event {Name(happening.EventHandlerType!)} {happening.Name}",
            _ => null,
        };
    }

    private static string Accessor(MethodInfo accessor) =>
        accessor.Name.StartsWith("get_", StringComparison.Ordinal) ? "get;"
        : accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;";

    private static string Indices(PropertyInfo property) =>
        property.GetIndexParameters() is { Length: > 0 } indices ? $"[{string.Join(", ", indices.Select(index => Name(index.ParameterType)))}]" : "";

    private static string Parameters(MethodBase method)
    {
        var nullability = new NullabilityInfoContext();
        return string.Join(", ", method.GetParameters().Select(parameter => $"{Name(nullability.Create(parameter))} {parameter.Name}"));
    }

    private static bool IsVisible(MethodBase method) => IsVisible(method.IsPublic, method.IsFamily || method.IsFamilyOrAssembly);

    private static bool IsVisible(bool isPublic, bool isProtected) => isPublic || isProtected;

    /// <summary>A type with what may be null in it.</summary>
    private static string Name(NullabilityInfo info)
    {
        var mark = info.ReadState == NullabilityState.Nullable && !info.Type.IsValueType ? "?" : "";
        return info.ElementType is { } element ? Name(element) + "[]" + mark
            : info.GenericTypeArguments is { Length: > 0 } arguments && Nullable.GetUnderlyingType(info.Type) is null
                ? $"{Name(info.Type).Split('<')[0]}<{string.Join(", ", arguments.Select(Name))}>{mark}"
                : Name(info.Type) + mark;
    }

    private static string Name(Type type)
    {
        if (type.IsArray)
        {
            return Name(type.GetElementType()!) + "[]";
        }

        if (type.IsByRef)
        {
            return "ref " + Name(type.GetElementType()!);
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return Name(underlying) + "?";
        }

        var plain = type.IsGenericParameter ? type.Name : (type.Namespace?.StartsWith("RunCloud", StringComparison.Ordinal) == true ? type.FullName ?? $"{type.Namespace}.{type.Name}" : type.Name).Split('[')[0].Split('`')[0].Replace('+', '.');
        return type.IsGenericType ? $"{plain}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : plain;
    }
}
