using Hub.Storage;
using Hub.Tests.Storage;
using Npgsql;
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
        // Over a connection that is kept: a process of psql each time would take as long as the rest.
        await using NpgsqlConnection connection = new(server.ConnectionString("public"));
        await connection.OpenAsync();
        await using NpgsqlCommand there = new($"SELECT to_regnamespace('{schema}') IS NOT NULL", connection);
        // A hub that comes back to its schema finds it as it was.
        if (await there.ExecuteScalarAsync() is true)
            return;
        string script = (await ScriptAsync()).Replace(Template, schema, StringComparison.Ordinal);
        await using NpgsqlCommand make = new($"BEGIN;\n{script}\nCOMMIT;\n", connection);
        await make.ExecuteNonQueryAsync();
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
        return await server.ScriptAsync(Template);
    }
}
