using System.Reflection;
using System.Reflection.Emit;

namespace Hub.Tests.Architecture;

/// <summary>Which types a type uses: in its signatures, its attributes aside, and in the IL of its methods and of what the compiler made of them.</summary>
internal static class UsedTypes
{
    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private static readonly Dictionary<short, OpCode> s_opCodes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => code.Value);

    /// <summary>The type a reader sees in the source: closures, iterators and nested types count for the one they are written in.</summary>
    public static Type Outermost(Type type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type;
    }

    public static HashSet<Type> Of(Type type)
    {
        HashSet<Type> used = [];
        Add(used, type.BaseType);
        foreach (Type contract in type.GetInterfaces())
            Add(used, contract);
        foreach (FieldInfo field in type.GetFields(Declared))
            Add(used, field.FieldType);
        foreach (MethodBase method in type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared)))
            AddMethod(used, method);
        used.RemoveWhere(candidate => Outermost(candidate) == Outermost(type));
        return used;
    }

    private static void AddMethod(HashSet<Type> used, MethodBase method)
    {
        foreach (ParameterInfo parameter in method.GetParameters())
            Add(used, parameter.ParameterType);
        if (method is MethodInfo { ReturnType: var returned })
            Add(used, returned);
        if (method.GetMethodBody() is not { } body)
            return;
        foreach (LocalVariableInfo local in body.LocalVariables)
            Add(used, local.LocalType);
        foreach (int token in Tokens(body.GetILAsByteArray() ?? []))
            AddToken(used, method, token);
    }

    private static void AddToken(HashSet<Type> used, MethodBase method, int token)
    {
        Type[]? typeArguments = method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericArguments() : null;
        Type[]? methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        MemberInfo? member;
        try
        {
            member = method.Module.ResolveMember(token, typeArguments, methodArguments);
        }
        catch (ArgumentException)
        {
            return; // A string or signature token: names no type.
        }

        Add(used, member as Type ?? member?.DeclaringType);
        if (member is MethodInfo called)
        {
            Add(used, called.ReturnType);
            if (called.IsGenericMethod)
                foreach (Type argument in called.GetGenericArguments())
                    Add(used, argument);
        }
    }

    private static void Add(HashSet<Type> used, Type? type)
    {
        while (type is { HasElementType: true })
            type = type.GetElementType();
        if (type is null || type.IsGenericParameter || !used.Add(type))
            return;
        if (type.IsGenericType)
            foreach (Type argument in type.GetGenericArguments())
                Add(used, argument);
        if (type.IsGenericType && !type.IsGenericTypeDefinition)
            used.Add(type.GetGenericTypeDefinition());
    }

    /// <summary>The metadata tokens among the operands of a method body (ECMA-335, partition III).</summary>
    private static IEnumerable<int> Tokens(byte[] il)
    {
        for (int at = 0; at < il.Length;)
        {
            short value = il[at++];
            if (value == 0xFE)
                value = (short)(0xFE00 | il[at++]);
            OpCode code = s_opCodes[value];
            switch (code.OperandType)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    yield return BitConverter.ToInt32(il, at);
                    at += 4;
                    break;
                case OperandType.InlineSwitch:
                    at += 4 + (4 * BitConverter.ToInt32(il, at));
                    break;
                default:
                    at += Size(code.OperandType);
                    break;
            }
        }
    }

    private static int Size(OperandType operand) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        _ => 4,
    };
}
