using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace Gateway.Tests.RepoRules;

/// <summary>The product's compiled code, as the rules look at it.</summary>
internal static class GatewayAssembly
{
    /// <summary>Every type of ours, nested ones and those of the compiler included.</summary>
    public static IReadOnlyList<TypeDefinition> Types { get; } =
        [.. ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, "tui-gateway.dll")).GetAllTypes().Where(type => Folder(type) is not null)];

    /// <summary>The folder a type lives in: the second part of its namespace, "" for the root; null for types that are not ours.</summary>
    public static string? Folder(TypeReference type)
    {
        while (type.DeclaringType is not null) type = type.DeclaringType;
        string[] parts = type.Namespace.Split('.');
        if (type.Namespace.Length == 0) return type.Name is "Program" ? "" : null;
        return parts[0] != "Gateway" ? null : parts.Length == 1 ? "" : parts[1];
    }

    /// <summary>Every type that a type mentions: base, interfaces, members, locals, instructions, generic arguments.</summary>
    public static IEnumerable<TypeReference> Mentions(TypeDefinition type)
    {
        var found = new List<TypeReference?> { type.BaseType };
        found.AddRange(type.Interfaces.Select(item => item.InterfaceType));
        found.AddRange(type.Fields.Select(field => field.FieldType));
        found.AddRange(type.CustomAttributes.Select(attribute => attribute.AttributeType));
        foreach (var method in type.Methods)
        {
            found.Add(method.ReturnType);
            found.AddRange(method.Parameters.Select(parameter => parameter.ParameterType));
            if (!method.HasBody) continue;
            found.AddRange(method.Body.Variables.Select(variable => variable.VariableType));
            foreach (var operand in method.Body.Instructions.Select(instruction => instruction.Operand))
            {
                if (operand is TypeReference reference) found.Add(reference);
                if (operand is MemberReference member) found.Add(member.DeclaringType);
                if (operand is MethodReference called) found.Add(called.ReturnType);
                if (operand is GenericInstanceMethod generic) found.AddRange(generic.GenericArguments);
                if (operand is FieldReference field) found.Add(field.FieldType);
            }
        }

        return found.OfType<TypeReference>().SelectMany(Unfold);
    }

    /// <summary>Every call a method makes.</summary>
    public static IEnumerable<(MethodDefinition Caller, MethodReference Called)> Calls() =>
        from type in Types
        from method in type.Methods
        where method.HasBody
        from instruction in method.Body.Instructions
        where instruction.OpCode == OpCodes.Call || instruction.OpCode == OpCodes.Callvirt || instruction.OpCode == OpCodes.Newobj
        select (method, (MethodReference)instruction.Operand);

    private static IEnumerable<TypeReference> Unfold(TypeReference type)
    {
        yield return type;
        if (type is GenericInstanceType generic)
            foreach (var argument in generic.GenericArguments.SelectMany(Unfold)) yield return argument;
        if (type is TypeSpecification specification)
            foreach (var element in Unfold(specification.ElementType)) yield return element;
    }
}
