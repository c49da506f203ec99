using System.Text.Json.Nodes;

namespace Hub.Lab;

/// <summary>The models under <c>/hub/api</c>, each field <c>name:type</c>, with a <c>?</c> where it may be left out; read by <see cref="SpecTypeCodec"/>.</summary>
internal static class HubSchemas
{
    private const string UserFields =
        "kind:string name:string admin?:boolean roles?:[string] groups?:[string] server?:string|null pending?:string|null created?:time last_activity?:time|null servers?:{Server} auth_state?:object|null user_info?:object";

    private const string ServiceFields =
        "kind:string name:string admin?:boolean roles?:[string] url?:string|null prefix?:string command?:[string] pid?:integer info?:object display?:boolean";

    private const string TokenFields =
        "user:string id:string kind:string roles:[string] scopes:[string] created:time last_activity:time|null expires_at:time|null note:string session_id:string|null oauth_client:string";

    private const string CodeFields = "server:ShareServer scopes:[string] id:string created_at:time expires_at:time exchange_count:integer last_exchanged_at:time|null";

    private const string VisitFields = "id:string user:string by:string role:string since:time expires_at:time";

    private const string ClassFields =
        "name?:string environment?:string|null limits?:ClassLimits ready_kernels?:integer home_quota_bytes?:integer opens?:time|null closes?:time|null capacity?:integer guests?:boolean materials?:Materials|null";

    private const string EnvironmentFields =
        "id:string display_name:string language:string origin:string state:string percent:integer message:string image:string|null image_id:string|null pinned:boolean moved:boolean groups:[string] network:string|null gpus:string|null mounts:integer memory_bytes:integer|null cpus:number|null processes:integer|null open_files:integer|null shared_memory_bytes:integer|null temporary_bytes:integer|null";

    private const string EnvironmentSettingsFields =
        "enabled?:boolean display_name?:string language?:string image?:string pinned_digest?:string groups?:[string] mounts?:[Mount] network?:string gpus?:string argv?:[string] environment?:{string} interrupt_mode?:string metadata?:{string} resources?:string memory_bytes?:integer|null cpus?:number|null processes?:integer|null open_files?:integer|null shared_memory_bytes?:integer|null temporary_bytes?:integer|null idle_after?:string|null longest_run?:string|null pool?:integer";

    private static readonly (string Name, string Fields)[] s_models =
    [
        ("Error", "status:integer message:string"),
        ("Message", "message:string"),
        ("Nothing", ""),
        ("Version", "version:string"),
        ("Info", "version:string python:string sys_executable:string authenticator:Part spawner:Part"),
        ("Part", "class:string version:string"),
        ("Shutdown", "proxy?:boolean servers?:boolean"),
        ("Pagination", "offset:integer limit:integer total:integer next:NextPage|null"),
        ("NextPage", "offset:integer limit:integer url:string"),
        ("User", UserFields),
        ("Self", UserFields + " token_id:string|null session_id:string|null scopes:[string]"),
        ("NewUsers", "usernames:[string] admin?:boolean"),
        ("NewUser", "admin?:boolean"),
        ("UserChange", "name?:string admin?:boolean display_name?:string disabled?:boolean auth_state?:object|null"),
        ("Activity", "last_activity?:time servers?:{ServerActivity}"),
        ("ServerActivity", "last_activity:time"),
        ("Password", "password:string"),
        ("Lifetime", "expires_in?:integer"),
        ("PasswordLink", "user:string url:string full_url:string expires_at:time"),
        ("SignIn", "id:string created:time last_activity:time expires_at:time address:string|null browser:string|null"),
        ("SignUp", "name:string created:time"),
        ("Refusal", "reason?:string"),
        ("Server", "name:string display_name:string full_name:string last_activity:time|null started:time|null pending:string|null ready:boolean stopped:boolean url:string user_options:object progress_url:string full_url:string|null full_progress_url:string|null"),
        ("StopServer", "remove?:boolean"),
        ("NewServer", "display_name?:string user_options?:object"),
        ("ServerChange", "name?:string display_name?:string user_options?:object"),
        ("Token", TokenFields),
        ("NewToken", TokenFields + " token:string"),
        ("Tokens", "api_tokens:[Token]"),
        ("TokenWish", "note?:string expires_in?:integer|null scopes?:[string] roles?:[string]"),
        ("Group", "kind:string name:string roles?:[string] users?:[string] properties?:object"),
        ("NewGroups", "groups:[string]"),
        ("NewGroup", "name?:string users?:[string] properties?:object"),
        ("UserNames", "users:[string]"),
        ("Service", ServiceFields),
        ("ServiceSelf", ServiceFields + " scopes:[string]"),
        ("ConsentAnswer", "client_id:string redirect_uri:string response_type:string decision:string scope?:string state?:string code_challenge?:string code_challenge_method?:string _xsrf:string"),
        ("OAuthTokenRequest", "grant_type:string code:string redirect_uri:string client_id:string client_secret:string code_verifier?:string"),
        ("OAuthToken", "access_token:string token_type:string expires_in:integer scope:string"),
        ("OAuthError", "error:string error_description:string"),
        ("ShareServer", "user:Named name:string url:string full_url:string|null ready:boolean"),
        ("Named", "name:string"),
        ("Share", "server:ShareServer scopes:[string] user:Named|null group:Named|null kind:string created_at:time"),
        ("ShareWish", "user?:string group?:string scopes?:[string]"),
        ("ShareCode", CodeFields),
        ("NewShareCode", CodeFields + " code:string accept_url:string full_accept_url:string|null"),
        ("ShareCodeWish", "scopes?:[string] expires_in?:integer"),
        ("Class", "kind:string id:integer name:string folder:string group:string|null environment:string|null limits:ClassLimits ready_kernels:integer home_quota_bytes:integer opens:time|null closes:time|null capacity:integer guests:boolean teachers:[string] students:integer created:time ended:time|null materials?:Materials|null code?:ClassCode"),
        ("ClassLimits", "max_kernels?:integer|null memory_bytes?:integer|null cpus?:number|null idle_seconds?:integer|null"),
        ("Materials", "user:string path:string"),
        ("ClassCode", "code:string url:string good:boolean closed:boolean expires_at:time|null max_uses:integer|null uses:integer"),
        ("ClassWish", ClassFields + " teachers?:[string]"),
        ("ClassCodeWish", "expires_at?:time|null max_uses?:integer|null"),
        ("ClassCodeChange", "closed:boolean"),
        ("ClassMember", "kind:string name:string display_name:string guest:boolean role:string reached:boolean joined:time folder:string|null handed_out:time|null"),
        ("ClassRole", "role?:string"),
        ("ClassEnd", "files:integer guests_removed:integer"),
        ("RosterError", "status:integer message:string errors?:[RosterProblem]"),
        ("RosterProblem", "line:integer message:string"),
        ("HandOutWish", "path?:string"),
        ("HandOuts", "members:[HandOut]"),
        ("HandOut", "name:string folder:string copied:integer kept:integer problem:string|null"),
        ("OwnClass", "user:string class:NumberedClass|null hand_raised_at:time|null messages:[ClassMessage] visits:[OwnVisit]"),
        ("NumberedClass", "id:integer name:string"),
        ("OwnVisit", "id:string by:string role:string since:time"),
        ("Hand", "raised_at:time"),
        ("ClassMessage", "id:integer class:integer text:string at:time by:string path?:string"),
        ("ClassMessageWish", "text:string"),
        ("HandedFile", "students:integer path:string unchanged:[string] kept:[string] failed:[HandedFailure]"),
        ("HandedFailure", "name:string problem:string"),
        ("Visit", VisitFields),
        ("NewVisit", VisitFields + " url:string"),
        ("VisitWish", "user:string role?:string path?:string"),
        ("KernelsStarted", "started:integer running:integer skipped:integer failed:integer students:[StudentResult]"),
        ("KernelsStopped", "stopped:integer skipped:integer students:[StudentResult]"),
        ("StudentResult", "name:string result:string path:string|null message:string|null"),
        ("Audit", "records:[AuditRecord] after:integer|null"),
        ("AuditRecord", "number:integer at:time kind:string by:string user:string detail:object previous:string hash:string"),
        ("Environment", EnvironmentFields),
        ("EnvironmentDetails", EnvironmentFields + " pin:boolean|null settings:EnvironmentSettings|null"),
        ("EnvironmentSettings", EnvironmentSettingsFields),
        ("Mount", "source:string target:string read_only?:boolean"),
        ("EnvironmentWish", "name:string settings:EnvironmentSettings pin?:boolean"),
        ("EnvironmentChange", "settings?:EnvironmentSettings pin?:boolean"),
        ("EnvironmentPreparation", "again?:boolean"),
        ("PanelUsers", "items:[PanelUser] offset:integer limit:integer total:integer"),
        ("PanelUser", "name:string display_name:string admin:boolean disabled:boolean|null created:time|null last_activity:time|null server:string|null kernels:integer|null"),
        ("Setting", "key:string value:string changed:boolean meaning:string"),
    ];

    public static JsonObject All() => [.. s_models.Select(model => KeyValuePair.Create(model.Name, (JsonNode?)SpecTypeCodec.Fields(model.Fields)))];
}
