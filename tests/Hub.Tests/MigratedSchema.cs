using Hub.Storage;
using Hub.Tests.Storage;
using Testing;

namespace Hub.Tests;

/// <summary>
/// The schema of this program as one script, made by the migrations once per run of the tests: a hub on a schema of its own finds nothing to do, instead of going
/// through all steps each time. That the steps themselves work is what the tests of migrations are about.
/// </summary>
internal static class MigratedSchema
{
    private static readonly Lock s_gate = new();
    private static Task<string>? s_script;

    /// <summary>Makes the schema unless there is one of this name.</summary>
    public static async Task CreateAsync(PostgreSqlServer server, string schema)
    {
        // A hub that comes back to its schema finds it as it was.
        if (await server.SqlAsync($"SELECT count(*) FROM pg_namespace WHERE nspname = '{schema}';") is not "0")
            return;
        string script = (await ScriptAsync()).Replace(Template, schema, StringComparison.Ordinal);
        await server.SqlAsync($"BEGIN;\n{script}\nCOMMIT;\n");
    }

    private const string Template = "migrated_template_of_the_tests";

    private static Task<string> ScriptAsync()
    {
        lock (s_gate)
            return s_script ??= MakeAsync();
    }

    private static async Task<string> MakeAsync()
    {
        PostgreSqlServer server = await PostgreSqlServer.Shared;
        await server.CreateSchemaAsync(Template);
        using TemporaryDatabase database = TemporaryDatabase.OpenPostgreSql(server, Template);
        await TemporaryDatabase.MigratorOf(database.Database).RunAsync(Migration.BuiltIn, default);
        return await server.DumpAsync(Template);
    }
}
