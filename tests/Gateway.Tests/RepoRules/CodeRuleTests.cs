using Gateway.Tests.Shared;
using Mono.Cecil;

namespace Gateway.Tests.RepoRules;

/// <summary>Rules that hold for all code of the product.</summary>
public class CodeRuleTests
{
    private const int MaxLines = 500;

    [Test]
    public async Task No_source_file_is_longer_than_the_limit()
    {
        var tooLong = SourceFiles("").Select(file => (file, lines: File.ReadLines(file).Count())).Where(item => item.lines > MaxLines);
        await Assert.That(tooLong.Select(item => $"{item.file}: {item.lines}")).IsEmpty();
    }

    [Test]
    public async Task There_is_no_static_mutable_state()
    {
        var fields =
            from type in GatewayAssembly.Types
            where !IsGenerated(type)
            from field in type.Fields
            where field.IsStatic && !field.IsLiteral && (!field.IsInitOnly || IsMutable(field.FieldType)) && !IsGenerated(field)
            select field.FullName;
        await Assert.That(fields).IsEmpty();
    }

    [Test]
    public async Task Banned_calls_are_not_made()
    {
        var violations =
            from call in GatewayAssembly.Calls()
            let type = call.Called.DeclaringType.FullName
            let name = call.Called.Name
            let folder = GatewayAssembly.Folder(call.Caller.DeclaringType)
            where (type == "System.Console")
                || (type == "System.Environment" && name is "Exit" or "FailFast" && folder != "Signals")
                || (type == "Mono.Unix.Native.Syscall" && name == "_exit" && folder != "Signals")
                || (type == "System.Threading.Thread" && name == "Sleep")
                || (type == "System.Diagnostics.Process" && name == "Start")
                || (type == "System.Text.Json.JsonSerializer" && UsesReflection(call.Called))
                || type == "System.Security.Cryptography.RandomNumberGenerator" // loads OpenSSL, which may be missing
                || (type == "System.DateTime" && name is "get_Now")
            select $"{call.Caller.FullName} calls {type}.{name}";
        await Assert.That(violations).IsEmpty();
    }

    [Test]
    public async Task Everything_is_caught_only_where_a_bug_must_not_end_the_process()
    {
        string[] allowed =
        [
            "Dispatcher", "TurnRunner", "BackgroundPrompts", "AfterTurn", "Subagent", // one request, one turn: a bug of ours is answered and logged
            "ToolBatch", // one tool call: becomes the tool's error result
            "ModelHttp", "ConfigEditor", // tidy up and throw on
            "HappyEyeballs", "ModelCall", "McpConnection", "McpSignIn", "ForegroundCommands", "CodeCalls", // what the compiler makes of waiting in a finally and of await using: tidy up and throw on
            "TeeTransport", // one who listens in: the client has the frame all the same
            "Sidecar", // root of its loop: becomes a note
            "ChildProcess", // root of a child's thread: becomes the result
        ];
        var elsewhere =
            from type in GatewayAssembly.Types
            from method in type.Methods
            where method.HasBody
            let all = method.Body.ExceptionHandlers.Count(handler => handler.HandlerType == Mono.Cecil.Cil.ExceptionHandlerType.Catch
                && handler.CatchType.FullName is "System.Exception" or "System.Object")
            let file = Outer(type).Name
            where !allowed.Contains(file) && all > (IsStateMachine(type) ? 1 : 0)
            select method.FullName;
        await Assert.That(elsewhere.Distinct()).IsEmpty();
    }

    [Test]
    public async Task Native_calls_live_where_they_belong()
    {
        string[] folders = ["Signals", "Processes", "Transport", "Diagnostics"];
        var elsewhere = GatewayAssembly.Types.SelectMany(type => type.Methods)
            .Where(method => method.IsPInvokeImpl && !folders.Contains(GatewayAssembly.Folder(method.DeclaringType)))
            .Select(method => method.FullName);
        await Assert.That(elsewhere).IsEmpty();
    }

    [Test]
    public async Task Every_type_has_a_doc_summary()
    {
        var missing = new List<string>();
        foreach (string file in SourceFiles(""))
        {
            string[] lines = await File.ReadAllLinesAsync(file);
            for (int i = 0; i < lines.Length; i++)
            {
                bool declares = lines[i].StartsWith("internal ", StringComparison.Ordinal) || lines[i].StartsWith("public ", StringComparison.Ordinal);
                if (!declares) continue;
                int above = i - 1;
                while (above >= 0 && (lines[above].StartsWith('[') || lines[above].StartsWith("    ", StringComparison.Ordinal) || lines[above].StartsWith("//", StringComparison.Ordinal)
                    || lines[above].Length == 0) && !lines[above].StartsWith("///", StringComparison.Ordinal)) above--;
                if (above < 0 || !lines[above].StartsWith("///", StringComparison.Ordinal)) missing.Add($"{file}:{i + 1}");
            }
        }

        await Assert.That(missing).IsEmpty();
    }

    [Test]
    public async Task C_files_are_few_and_short()
    {
        string[] files = [.. Directory.GetFiles(Path.Combine(Stage.RepositoryRoot, "native")).Where(file => Path.GetFileName(file) != "aot.targets").Order()];
        await Assert.That(string.Join(' ', files.Select(Path.GetFileName))).IsEqualTo("child.c guardian.c posix_helper.c");
        foreach (string file in files) await Assert.That(File.ReadLines(file).Count()).IsLessThan(150).Because(file);
    }

    /// <summary>Product sources below a folder.</summary>
    internal static IEnumerable<string> SourceFiles(string folder) =>
        Directory.EnumerateFiles(Path.Combine(Stage.RepositoryRoot, folder), "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(Stage.RepositoryRoot, file).Split('/')[0] is not ("tests" or "obj" or "bin" or "dist"));

    private static TypeDefinition Outer(TypeDefinition type) => type.DeclaringType is null ? type : Outer(type.DeclaringType);

    // The compiler wraps the body of every async method in a catch-all of its own.
    private static bool IsStateMachine(TypeDefinition type) => type.Interfaces.Any(item => item.InterfaceType.Name == "IAsyncStateMachine");

    // Caches of the compiler and of source generators are not ours to judge.
    private static bool IsGenerated(TypeDefinition type) =>
        type.Name.StartsWith('<') || type.CustomAttributes.Any(attribute => attribute.AttributeType.Name is "CompilerGeneratedAttribute" or "GeneratedCodeAttribute")
        || (type.BaseType?.Name == "JsonSerializerContext") || (type.DeclaringType is not null && IsGenerated(type.DeclaringType));

    private static bool IsGenerated(FieldDefinition field) => field.Name.StartsWith("<>", StringComparison.Ordinal);

    private static bool IsMutable(TypeReference type) =>
        type.IsArray
        || type.Namespace.StartsWith("System.Collections.Concurrent", StringComparison.Ordinal)
        || (type.Namespace == "System.Collections.Generic" && type.Name is "List`1" or "Dictionary`2" or "HashSet`1" or "Queue`1" or "Stack`1");

    // Source-generated calls pass a JsonTypeInfo or a context; anything else would reflect.
    private static bool UsesReflection(MethodReference method) =>
        method.Name is "Serialize" or "Deserialize" or "SerializeToUtf8Bytes" or "SerializeToElement" or "SerializeAsync" or "DeserializeAsync"
        && !method.Parameters.Any(parameter => parameter.ParameterType.Name.StartsWith("JsonTypeInfo", StringComparison.Ordinal) || parameter.ParameterType.Name == "JsonSerializerContext");
}
