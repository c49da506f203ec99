using System.Collections.Frozen;

namespace Hub.Lab;

/// <summary>What the routes themselves cannot tell about an operation of a user's server. A test keeps the list complete and its schemas true.</summary>
/// <param name="Summary">One sentence.</param>
/// <param name="Status">Of success.</param>
/// <param name="Answer">Name of the answer's schema; null when it is nothing or no JSON.</param>
/// <param name="IsList">The answer is a list of these.</param>
internal sealed record ApiOperation(string Summary, int Status = 200, string? Answer = null, bool IsList = false)
{
    /// <summary>Schema of the request's body; null when it takes none.</summary>
    public string? Body { get; init; }

    /// <summary>Keys of the query it understands.</summary>
    public IReadOnlyList<string> Query { get; init; } = [];

    /// <summary>What is known of an operation; of one that nobody described, that.</summary>
    public static ApiOperation Of(string method, string path) => s_known.GetValueOrDefault($"{method} {path}") ?? Undescribed;

    /// <summary>A defect that a test finds.</summary>
    public static ApiOperation Undescribed { get; } = new("Not described.");

    private static readonly FrozenDictionary<string, ApiOperation> s_known = new Dictionary<string, ApiOperation>
    {
        ["GET /api"] = new("Version of the API.", Answer: "Version"),
        ["GET /api/spec.yaml"] = new("This document."),
        ["GET /api/status"] = new("What runs, since when.", Answer: "Status"),
        ["GET /api/me"] = new("Who asks, and what they may.") { Query = ["permissions"] },
        ["PATCH /api/me"] = new("Changes what one is called.") { Body = "Object" },
        ["POST /api/shutdown"] = new("Stops this user's server with its kernels."),
        ["GET /api/config/{section}"] = new("A section of the front end's configuration.", Answer: "Object"),
        ["PUT /api/config/{section}"] = new("Replaces a section.", 204) { Body = "Object" },
        ["PATCH /api/config/{section}"] = new("Merges into a section; null removes a key.", Answer: "Object") { Body = "Object" },
        ["GET /api/contents/{path}"] = new("A file, notebook or directory, or its checkpoints.", Answer: "Contents") { Query = ["type", "format", "content", "hash", "upload"] },
        ["HEAD /api/contents/{path}"] = new("Says whether it is there."),
        ["PUT /api/contents/{path}"] = new("Saves a file or notebook, makes a directory, or takes a piece of an upload.", Answer: "Contents") { Body = "Contents" },
        ["POST /api/contents/{path}"] = new("Makes something untitled, a copy, or a checkpoint.", 201, "Contents") { Body = "Object" },
        ["PATCH /api/contents/{path}"] = new("Renames or moves.", Answer: "Contents") { Body = "Object" },
        ["DELETE /api/contents/{path}"] = new("Deletes a file, directory or checkpoint, or gives an upload up.", 204) { Query = ["upload"] },
        ["POST /api/events"] = new("Publishes an event.", 204) { Body = "Object" },
        ["GET /api/events/subscribe"] = new("WebSocket: events of this server.", 101),
        ["GET /api/kernels"] = new("Running kernels.", Answer: "Kernel", IsList: true),
        ["POST /api/kernels"] = new("Starts a kernel.", 201, "Kernel") { Body = "KernelWish" },
        ["GET /api/kernels/{kernelId}"] = new("One kernel.", Answer: "Kernel"),
        ["DELETE /api/kernels/{kernelId}"] = new("Ends a kernel.", 204),
        ["POST /api/kernels/{kernelId}/interrupt"] = new("Stops what the kernel is doing.", 204),
        ["POST /api/kernels/{kernelId}/keep"] = new("Keeps the kernel from being stopped for being idle, for Culling:KeepFor.", Answer: "Kept"),
        ["POST /api/kernels/{kernelId}/restart"] = new("A new process under the same id.", Answer: "Kernel"),
        ["GET /api/kernels/{kernelId}/channels"] = new("WebSocket: the kernel's messages, in either framing.", 101) { Query = ["session_id"] },
        ["GET /api/kernels/{kernelId}/executions"] = new("What the kernel runs and ran lately, with outputs.", Answer: "Object"),
        ["GET /api/kernelspecs"] = new("Kernels that can be started.", Answer: "KernelSpecs"),
        ["GET /api/kernelspecs/{name}"] = new("One of them.", Answer: "Object"),
        ["GET /api/nbconvert"] = new("Formats a notebook can be exported to.", Answer: "Object"),
        ["POST /api/security/csp-report"] = new("Takes a browser's report; nothing is kept."),
        ["GET /api/sessions"] = new("Documents tied to kernels.", Answer: "Session", IsList: true),
        ["POST /api/sessions"] = new("Ties a document to a kernel, which is started if need be.", 201, "Session") { Body = "SessionWish" },
        ["GET /api/sessions/{sessionId}"] = new("One session.", Answer: "Session"),
        ["PATCH /api/sessions/{sessionId}"] = new("Another path, name or kernel.", Answer: "Session") { Body = "SessionWish" },
        ["DELETE /api/sessions/{sessionId}"] = new("Ends a session and its kernel.", 204),
        ["GET /api/terminals"] = new("Terminals of this server.", Answer: "Terminal", IsList: true),
        ["POST /api/terminals"] = new("Starts a terminal.", Answer: "Terminal") { Body = "TerminalWish" },
        ["GET /api/terminals/{terminal}"] = new("One terminal.", Answer: "Terminal"),
        ["DELETE /api/terminals/{terminal}"] = new("Ends a terminal, with all that runs in it.", 204),
        ["GET /terminals/websocket/{terminal}"] = new("WebSocket: what the terminal shows and what is typed, in terminado's words.", 101),
        ["GET /files/{path}"] = new("The bytes of a file, or a directory as an archive.") { Query = ["download", "format"] },
        ["HEAD /files/{path}"] = new("Size and type of a file."),
        ["GET /kernelspecs/{name}/{file}"] = new("A kernel's logo."),
        ["GET /lab/api/build"] = new("State of the front end's build.", Answer: "Object"),
        ["GET /lab/api/extensions"] = new("Extensions people can install: none.", Answer: "Object", IsList: true),
        ["POST /lab/api/extensions"] = new("Refused: the operator installs extensions.", 501),
        ["GET /lab/api/licenses"] = new("Licences of what the front end is made of.", Answer: "Object"),
        ["GET /lab/api/listings/{file}"] = new("Extensions that are blocked or allowed.", Answer: "Object"),
        ["GET /lab/api/news"] = new("News: none.", Answer: "Object"),
        ["GET /lab/api/plugins"] = new("Plugins that cannot be switched off.", Answer: "Object"),
        ["GET /lab/api/settings/{id}"] = new("Settings of a plugin, or of all.", Answer: "Object") { Query = ["ids_only"] },
        ["PUT /lab/api/settings/{id}"] = new("Keeps settings, checked against the plugin's schema.", 204) { Body = "Object" },
        ["GET /lab/api/themes/{file}"] = new("A file of a theme."),
        ["HEAD /lab/api/themes/{file}"] = new("Size and type of a theme's file."),
        ["GET /lab/api/translations"] = new("Languages there are.", Answer: "Object"),
        ["GET /lab/api/translations/{locale}"] = new("The texts of a language.", Answer: "Object"),
        ["GET /lab/api/update"] = new("Newer versions: none are looked for.", Answer: "Object"),
        ["GET /lab/api/workspaces/{id}"] = new("A layout, or all.", Answer: "Object"),
        ["PUT /lab/api/workspaces/{id}"] = new("Keeps a layout.", 204) { Body = "Object" },
        ["DELETE /lab/api/workspaces/{id}"] = new("Forgets a layout.", 204),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The schemas the operations name.</summary>
    internal const string Schemas = """
        {
          "Object": {"type": "object"},
          "Error": {"type": "object", "required": ["message", "reason"], "properties": {"message": {"type": "string"}, "reason": {"type": "string", "nullable": true}}},
          "Version": {"type": "object", "required": ["version"], "properties": {"version": {"type": "string"}}},
          "Status": {"type": "object", "required": ["connections", "kernels", "last_activity", "started"], "properties": {
            "connections": {"type": "integer"}, "kernels": {"type": "integer"},
            "last_activity": {"type": "string", "format": "date-time"}, "started": {"type": "string", "format": "date-time"},
            "home": {"type": "object", "nullable": true, "description": "How much the home holds; null without a limit, and before it was measured.", "required": ["used_bytes", "limit_bytes", "level"], "properties": {
              "used_bytes": {"type": "integer"}, "limit_bytes": {"type": "integer"}, "level": {"type": "string", "enum": ["fine", "high", "nearly", "full"]}}}}},
          "Contents": {"type": "object", "required": ["name", "path", "type", "created", "last_modified", "writable", "size", "mimetype", "format", "content", "hash", "hash_algorithm"], "properties": {
            "name": {"type": "string"}, "path": {"type": "string"}, "type": {"type": "string", "enum": ["directory", "file", "notebook"]},
            "created": {"type": "string", "format": "date-time"}, "last_modified": {"type": "string", "format": "date-time"}, "writable": {"type": "boolean"},
            "size": {"type": "integer", "nullable": true}, "mimetype": {"type": "string", "nullable": true}, "format": {"type": "string", "enum": ["json", "text", "base64"], "nullable": true},
            "content": {"nullable": true}, "hash": {"type": "string", "nullable": true}, "hash_algorithm": {"type": "string", "nullable": true},
            "chunk": {"type": "integer", "description": "Of an upload in pieces: 1, 2, …, and -1 for the last."}, "message": {"type": "string", "description": "What is invalid about a notebook."}}},
          "Kept": {"type": "object", "required": ["kept_until"], "properties": {"kept_until": {"type": "string", "format": "date-time"}}},
          "Kernel": {"type": "object", "required": ["id", "name", "last_activity", "execution_state", "connections"], "properties": {
            "id": {"type": "string"}, "name": {"type": "string"}, "last_activity": {"type": "string", "format": "date-time"},
            "execution_state": {"type": "string"}, "connections": {"type": "integer"}, "reason": {"type": "string", "nullable": true}}},
          "KernelWish": {"type": "object", "properties": {"name": {"type": "string"}, "path": {"type": "string"}, "kernel_id": {"type": "string", "format": "uuid"}}},
          "KernelSpecs": {"type": "object", "required": ["default", "kernelspecs"], "properties": {"default": {"type": "string"}, "kernelspecs": {"type": "object", "additionalProperties": {"type": "object"}}}},
          "Session": {"type": "object", "required": ["id", "path", "name", "type", "kernel"], "properties": {
            "id": {"type": "string"}, "path": {"type": "string"}, "name": {"type": "string"}, "type": {"type": "string"}, "kernel": {"$ref": "#/components/schemas/Kernel"}}},
          "Terminal": {"type": "object", "required": ["name", "last_activity"], "properties": {"name": {"type": "string"}, "last_activity": {"type": "string", "format": "date-time"}}},
          "TerminalWish": {"type": "object", "properties": {
            "name": {"type": "string", "description": "Letters, digits and _; the smallest free number when absent."}, "cwd": {"type": "string", "description": "Directory it starts in, below the home."},
            "environment": {"type": "string", "description": "Kernelspec whose image it has."}}},
          "SessionWish": {"type": "object", "properties": {
            "path": {"type": "string"}, "name": {"type": "string"}, "type": {"type": "string"},
            "kernel": {"type": "object", "properties": {"id": {"type": "string", "nullable": true}, "name": {"type": "string", "nullable": true}}}}}
        }
        """;
}
