using System.Collections.Frozen;

namespace Hub.Lab;

/// <summary>
/// What the routes themselves cannot tell about an operation under <c>/hub/api</c>. A test keeps the list complete, and its schemas true by calling
/// every operation of a real hub.
/// </summary>
/// <param name="Summary">One sentence.</param>
/// <param name="Answers">
/// Answers of success, and of failure where it has a form of its own, with <c>;</c> between: a status and what comes with it, read by <see cref="SpecTypeCodec"/>,
/// or a media type. Every other failure is <c>Error</c>.
/// </param>
/// <param name="Body">What the request brings: a type, a media type, or <c>form</c> and a type; null for nothing.</param>
/// <param name="Query">Keys of the query it understands, each <c>name:type</c>.</param>
internal sealed record HubOperation(string Summary, string Answers, string? Body = null, string Query = "")
{
    private const string Paged = "offset:integer limit:integer";

    /// <summary>What is known of an operation; null of one that nobody described, which a test finds.</summary>
    public static HubOperation? Find(string method, string path) => s_known.GetValueOrDefault($"{method} {path}");

    /// <summary>Everything that is described, as <c>GET /hub/api</c>.</summary>
    public static IEnumerable<string> Described => s_known.Keys;

    private static readonly FrozenDictionary<string, HubOperation> s_known = new Dictionary<string, HubOperation>
    {
        ["GET /hub/api"] = new("Level of JupyterHub's API that is spoken.", "200 Version"),
        ["GET /hub/api/openapi.json"] = new("This document.", "200 object"),
        ["GET /hub/api/info"] = new("What the hub is made of.", "200 Info"),
        ["GET /hub/api/health"] = new("Says that the hub answers.", "200"),
        ["GET /hub/api/metrics"] = new("Figures for Prometheus.", "200 text/plain"),
        ["POST /hub/api/shutdown"] = new("Ends the hub, with all servers if asked.", "202 Message", "Shutdown"),
        ["GET /hub/api/user"] = new("Who asks, and what they may.", "200 Self|ServiceSelf"),

        ["GET /hub/api/users"] = new("Users; a page as an object for who accepts application/jupyterhub-pagination+json.", "200 [User]|page(User)", null, $"{Paged} state:string sort:string name_filter:string include_stopped_servers:string"),
        ["POST /hub/api/users"] = new("Creates those of the users that are not there yet.", "201 [User]", "NewUsers"),
        ["GET /hub/api/users/{user}"] = new("One user.", "200 User", null, "include_stopped_servers:string"),
        ["POST /hub/api/users/{user}"] = new("Creates a user.", "201 User", "NewUser"),
        ["PATCH /hub/api/users/{user}"] = new("Renames a user, or changes their role.", "200 User", "UserChange"),
        ["DELETE /hub/api/users/{user}"] = new("Deletes a user; what runs for them is stopped first.", "204"),
        ["POST /hub/api/users/{user}/activity"] = new("Notes that a user or server was active.", "200", "Activity"),
        ["PUT /hub/api/users/{user}/password"] = new("Sets a password; all sign-ins of the user end.", "204", "Password"),
        ["POST /hub/api/users/{user}/password-link"] = new("A link that works once, to choose a password.", "201 PasswordLink", "Lifetime"),
        ["GET /hub/api/users/{user}/sign-ins"] = new("Where a user is signed in.", "200 [SignIn]"),
        ["DELETE /hub/api/users/{user}/sign-ins/{id}"] = new("Ends one sign-in, with all that is open by it.", "204"),
        ["DELETE /hub/api/users/{user}/totp"] = new("Takes a user's second step of signing in away, as of a lost phone.", "204"),
        ["GET /hub/api/sign-ups"] = new("People who made an account and wait.", "200 [SignUp]"),
        ["POST /hub/api/sign-ups/{name}"] = new("Lets somebody who waits in.", "204"),
        ["DELETE /hub/api/sign-ups/{name}"] = new("Refuses somebody who waits; the account is gone.", "204", "Refusal"),

        ["GET /hub/api/users/{user}/server"] = new("The default server, if it runs.", "200 Server"),
        ["POST /hub/api/users/{user}/server"] = new("Starts the default server.", "201;202", "object"),
        ["PUT /hub/api/users/{user}/server"] = new("Refused with 409: the default server is there already.", "201 Server", "NewServer"),
        ["PATCH /hub/api/users/{user}/server"] = new("Refused with 400: the default server has no other name.", "200 Server", "ServerChange"),
        ["DELETE /hub/api/users/{user}/server"] = new("Stops the default server with all that runs for it; 202 says it takes longer.", "204;202", "StopServer"),
        ["GET /hub/api/users/{user}/server/progress"] = new("Progress of a start, as server-sent events.", "200 text/event-stream"),
        ["GET /hub/api/users/{user}/servers/{server}"] = new("A server by name, running or not; the name of the default one is empty.", "200 Server"),
        ["POST /hub/api/users/{user}/servers/{server}"] = new("Starts a server by name, and makes it if need be; the body may be the options alone.", "201;202", "object"),
        ["PUT /hub/api/users/{user}/servers/{server}"] = new("Makes a named server without starting it.", "201 Server", "NewServer"),
        ["PATCH /hub/api/users/{user}/servers/{server}"] = new("Renames a named server that does not run, or changes what is remembered of it.", "200 Server", "ServerChange"),
        ["DELETE /hub/api/users/{user}/servers/{server}"] = new("Stops a server by name, and forgets a named one for good if asked; 202 says it takes longer.", "204;202", "StopServer"),
        ["GET /hub/api/users/{user}/servers/{server}/progress"] = new("Progress of a start, as server-sent events.", "200 text/event-stream"),
        ["GET /hub/api/users/{user}/kernels/{kernelId}/log"] = new("The end of what a kernel's process wrote.", "200 text/plain", null, "bytes:integer"),
        ["POST /hub/api/users/{user}/kernels/{kernelId}/interrupt"] = new("Stops what a kernel is doing.", "204"),
        ["POST /hub/api/users/{user}/kernels/{kernelId}/restart"] = new("A new process under the same id.", "204"),
        ["DELETE /hub/api/users/{user}/kernels/{kernelId}"] = new("Ends a kernel.", "204"),

        ["GET /hub/api/users/{user}/tokens"] = new("API tokens of a user, without the secrets.", "200 Tokens"),
        ["POST /hub/api/users/{user}/tokens"] = new("Makes a token, which is shown here and never again.", "201 NewToken", "TokenWish"),
        ["GET /hub/api/users/{user}/tokens/{id}"] = new("One token.", "200 Token"),
        ["DELETE /hub/api/users/{user}/tokens/{id}"] = new("Revokes a token, and with one of a service all of that service.", "204"),

        ["GET /hub/api/groups"] = new("Groups.", "200 [Group]|page(Group)", null, Paged),
        ["POST /hub/api/groups"] = new("Makes those of the groups that are not there yet.", "201 [Group]", "NewGroups"),
        ["GET /hub/api/groups/{group}"] = new("One group.", "200 Group"),
        ["POST /hub/api/groups/{group}"] = new("Makes a group.", "201 Group", "NewGroup"),
        ["DELETE /hub/api/groups/{group}"] = new("Deletes a group; who was in it stays.", "204"),
        ["POST /hub/api/groups/{group}/users"] = new("Puts users into a group.", "200 Group", "UserNames"),
        ["DELETE /hub/api/groups/{group}/users"] = new("Takes users out of a group.", "200 Group", "UserNames"),
        ["PUT /hub/api/groups/{group}/properties"] = new("Replaces what a group is noted with.", "200 Group", "object"),

        ["GET /hub/api/services"] = new("Services by name.", "200 {Service}"),
        ["GET /hub/api/services/{service}"] = new("One service.", "200 Service"),
        ["GET /hub/api/oauth2/authorize"] = new("Asks a person whether a service may act for them; a page.", "200 text/html;302;400 text/html", null, "client_id:string redirect_uri:string response_type:string scope:string state:string code_challenge:string code_challenge_method:string"),
        ["POST /hub/api/oauth2/authorize"] = new("Their answer, which leads back to the service.", "200 text/html;302", "form ConsentAnswer"),
        ["POST /hub/api/oauth2/token"] = new("A token for a code.", "200 OAuthToken;400 OAuthError;401 OAuthError", "form OAuthTokenRequest"),

        ["GET /hub/api/shares/{user}/{server}"] = new("With whom a server is shared; without the last slash, all servers of the owner.", "200 page(Share)", null, Paged),
        ["POST /hub/api/shares/{user}/{server}"] = new("Shares a server with a user or group.", "200 Share", "ShareWish"),
        ["PATCH /hub/api/shares/{user}/{server}"] = new("Takes scopes of a share away, or all of it: then nothing is left to show.", "200 Share|Nothing", "ShareWish"),
        ["DELETE /hub/api/shares/{user}/{server}"] = new("Ends all shares of a server.", "204"),
        ["GET /hub/api/users/{user}/shared"] = new("What is shared with a user, also by groups.", "200 page(Share)", null, Paged),
        ["GET /hub/api/users/{user}/shared/{owner}/{server}"] = new("One share with a user.", "200 Share"),
        ["DELETE /hub/api/users/{user}/shared/{owner}/{server}"] = new("Leaves a share.", "204"),
        ["GET /hub/api/groups/{group}/shared"] = new("What is shared with a group.", "200 page(Share)", null, Paged),
        ["GET /hub/api/groups/{group}/shared/{owner}/{server}"] = new("One share with a group.", "200 Share"),
        ["DELETE /hub/api/groups/{group}/shared/{owner}/{server}"] = new("Ends a share with a group.", "204"),
        ["GET /hub/api/share-codes/{user}/{server}"] = new("Codes of a server, without the codes themselves.", "200 page(ShareCode)", null, Paged),
        ["POST /hub/api/share-codes/{user}/{server}"] = new("Makes a code, which is shown here and never again.", "200 NewShareCode", "ShareCodeWish"),
        ["DELETE /hub/api/share-codes/{user}/{server}"] = new("Revokes a code, by itself or its id; all of a server when none is named.", "204", null, "code:string id:string"),

        ["GET /hub/api/classes"] = new("Classes one is in or teaches; all for who may see all.", "200 [Class]|page(Class)", null, Paged),
        ["POST /hub/api/classes"] = new("Makes a class.", "201 Class", "ClassWish"),
        ["GET /hub/api/classes/{id}"] = new("One class.", "200 Class"),
        ["PATCH /hub/api/classes/{id}"] = new("Changes a class; what is not named stays.", "200 Class", "ClassWish"),
        ["DELETE /hub/api/classes/{id}"] = new("Forgets a class without guests, or one that is over.", "204"),
        ["POST /hub/api/classes/{id}/end"] = new("Archives a class, removes its guests and ends it.", "200 ClassEnd"),
        ["GET /hub/api/classes/{id}/export"] = new("The archive of a class.", "200 application/zip"),
        ["GET /hub/api/classes/{id}/members"] = new("Who is in a class.", "200 [ClassMember]"),
        ["PUT /hub/api/classes/{id}/members/{user}"] = new("Puts a user into a class.", "200 ClassMember", "ClassRole"),
        ["DELETE /hub/api/classes/{id}/members/{user}"] = new("Takes somebody out of a class; a guest's account ends with it.", "204"),
        ["POST /hub/api/classes/{id}/code"] = new("A new join code; the old one is worth nothing any more.", "200 ClassCode", "ClassCodeWish"),
        ["PATCH /hub/api/classes/{id}/code"] = new("Closes or opens the join code.", "200 ClassCode", "ClassCodeChange"),
        ["GET /hub/api/classes/{id}/roster"] = new("Who is in a class, in the form that can be imported.", "200 text/csv"),
        ["POST /hub/api/classes/{id}/roster"] = new("Imports a roster, all of it or nothing; answers one-time links of new accounts.", "201 text/csv;400 RosterError", "text/csv"),
        ["POST /hub/api/classes/{id}/hand-out"] = new("Copies materials into the home of every student.", "200 HandOuts", "HandOutWish"),

        ["GET /hub/api/classes/mine"] = new("The class that runs for who asks: hand, messages, visitors.", "200 OwnClass", null, "after:integer"),
        ["PUT /hub/api/classes/{id}/hand"] = new("Raises one's hand.", "200 Hand"),
        ["DELETE /hub/api/classes/{id}/hand"] = new("Lowers one's hand.", "204"),
        ["DELETE /hub/api/classes/{id}/hands/{user}"] = new("Lowers a student's hand.", "204"),
        ["GET /hub/api/classes/{id}/messages"] = new("What a class was told.", "200 [ClassMessage]", null, "after:integer"),
        ["POST /hub/api/classes/{id}/messages"] = new("Tells a class something, in every page of its students.", "201 ClassMessage", "ClassMessageWish"),
        ["POST /hub/api/classes/{id}/files"] = new("Hands a file out to every student.", "200 HandedFile", "multipart/form-data"),
        ["GET /hub/api/classes/{id}/visits"] = new("Who is beside which student.", "200 [Visit]"),
        ["POST /hub/api/classes/{id}/visits"] = new("Steps in beside a student, who sees it.", "201 NewVisit", "VisitWish"),
        ["DELETE /hub/api/classes/{id}/visits/{visitId}"] = new("Ends a visit.", "204"),
        ["POST /hub/api/classes/{id}/kernels"] = new("Starts the servers and kernels of all students.", "200 KernelsStarted"),
        ["DELETE /hub/api/classes/{id}/kernels"] = new("Stops the servers of all students.", "200 KernelsStopped"),

        ["GET /hub/api/environments"] = new("What kernels can be started in, and whether what that needs is there.", "200 [Environment]"),
        ["POST /hub/api/environments"] = new("Makes an environment; its image is had in the background.", "201 Environment", "EnvironmentWish"),
        ["GET /hub/api/environments/{name}"] = new("One environment, with its settings if it was made here.", "200 EnvironmentDetails"),
        ["PATCH /hub/api/environments/{name}"] = new("Changes settings of an environment that was made here; what is not named stays.", "200 Environment", "EnvironmentChange"),
        ["DELETE /hub/api/environments/{name}"] = new("Removes an environment that was made here; kernels that run in it run on.", "204"),
        ["POST /hub/api/environments/{name}/prepare"] = new("Has its image pulled or built if it is missing, or anyway if asked.", "202 Environment", "EnvironmentPreparation"),
        ["POST /hub/api/environments/{name}/take"] = new("Pins the image its tag stands for now.", "200 Environment"),

        ["GET /hub/api/audit"] = new("Who did what to whom; one record a line with format=ndjson.", "200 Audit", null, "kind:string by:string user:string since:time until:time after:integer before:integer order:string limit:integer format:string"),
        ["GET /hub/api/admin/users"] = new("Users as the panel lists them.", "200 PanelUsers", null, $"{Paged} name:string state:string sort:string"),
        ["GET /hub/api/admin/settings"] = new("Settings in force; secrets are only told to be set.", "200 [Setting]"),
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
