using System.Collections;
using System.Reflection;
using System.Runtime.Loader;

namespace EventLedger.Trials;

/// <summary>Runs the unit tests of the core, as they are built, against whatever core their load context has: facts, and theories with their data.</summary>
internal static class CoreCases
{
    /// <summary>Texts that several cores play together.</summary>
    public static readonly string[] Scenarios = ["ScenarioTests"];

    /// <summary>Tests of one part alone.</summary>
    public static readonly string[] UnitTests = ["RoundMachineTests", "VotesTests", "DriverTests", "LaterTests", "SigningTests"];

    /// <summary>The first test of these classes that fails, or null.</summary>
    public static string? FirstFailure(AssemblyLoadContext context, string tests, string[] classes)
    {
        var assembly = context.LoadFromAssemblyPath(tests);
        return (from name in classes
                let type = assembly.GetType($"EventLedger.Validator.Tests.Consensus.{name}", throwOnError: true)!
                from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
                from arguments in Arguments(method)
                let failure = Failure(type, method, arguments)
                where failure is not null
                select $"{name}.{method.Name}: {failure}").FirstOrDefault();
    }

    private static IEnumerable<object?[]> Arguments(MethodInfo method)
    {
        foreach (var attribute in method.GetCustomAttributesData())
        {
            switch (attribute.AttributeType.Name)
            {
                case "FactAttribute":
                    yield return [];
                    break;
                case "InlineDataAttribute":
                    var values = (IReadOnlyList<CustomAttributeTypedArgument>)attribute.ConstructorArguments[0].Value!;
                    yield return [.. values.Zip(method.GetParameters(), (v, p) => v.Value is { } value && p.ParameterType.IsEnum ? Enum.ToObject(p.ParameterType, value) : v.Value)];
                    break;
                case "MemberDataAttribute":
                    var data = (IEnumerable)method.DeclaringType!.GetProperty((string)attribute.ConstructorArguments[0].Value!)!.GetValue(null)!;
                    foreach (var row in data)
                    {
                        yield return (object?[])row.GetType().GetInterface("ITheoryDataRow")!.GetMethod("GetData")!.Invoke(row, null)!;
                    }
                    break;
                default: break;
            }
        }
    }

    private static string? Failure(Type type, MethodInfo method, object?[] arguments)
    {
        try
        {
            method.Invoke(Activator.CreateInstance(type), arguments);
            return null;
        }
        // A failed assertion and an exception of the core are both what is looked for.
        catch (TargetInvocationException e)
        {
            return e.InnerException!.Message.Trim().Split('\n')[0];
        }
    }
}
