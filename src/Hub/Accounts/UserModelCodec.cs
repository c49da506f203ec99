using System.Text.Json;
using System.Text.Json.Serialization;
using Hub.Http;

namespace Hub.Accounts;

/// <summary>Writes a user in JupyterHub's keys and their order.</summary>
internal sealed class UserModelCodec : JsonConverter<UserModel>
{
    private static readonly JsonEncodedText s_admin = JsonEncodedText.Encode("admin");
    private static readonly JsonEncodedText s_authState = JsonEncodedText.Encode("auth_state");
    private static readonly JsonEncodedText s_created = JsonEncodedText.Encode("created");
    private static readonly JsonEncodedText s_displayName = JsonEncodedText.Encode("display_name");
    private static readonly JsonEncodedText s_groups = JsonEncodedText.Encode("groups");
    private static readonly JsonEncodedText s_kind = JsonEncodedText.Encode("kind");
    private static readonly JsonEncodedText s_lastActivity = JsonEncodedText.Encode("last_activity");
    private static readonly JsonEncodedText s_name = JsonEncodedText.Encode("name");
    private static readonly JsonEncodedText s_pending = JsonEncodedText.Encode("pending");
    private static readonly JsonEncodedText s_roles = JsonEncodedText.Encode("roles");
    private static readonly JsonEncodedText s_scopes = JsonEncodedText.Encode("scopes");
    private static readonly JsonEncodedText s_server = JsonEncodedText.Encode("server");
    private static readonly JsonEncodedText s_sessionId = JsonEncodedText.Encode("session_id");
    private static readonly JsonEncodedText s_tokenId = JsonEncodedText.Encode("token_id");
    private static readonly JsonEncodedText s_user = JsonEncodedText.Encode("user");
    private static readonly JsonEncodedText s_userInfo = JsonEncodedText.Encode("user_info");
    private static readonly JsonEncodedText s_servers = JsonEncodedText.Encode("servers");

    public override UserModel Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("Users are only written.");

    public override void Write(Utf8JsonWriter writer, UserModel value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString(s_kind, s_user);
        writer.WriteString(s_name, value.User.Name);
        if (value.ShowsAdmin)
            writer.WriteBoolean(s_admin, value.User.Admin);
        WriteTexts(writer, s_roles, value.Roles);
        WriteTexts(writer, s_groups, value.Groups);
        if (value.ShowsState)
        {
            writer.WriteString(s_server, value.Running is { Ready: true } ready ? ready.Url : null);
            writer.WriteString(s_pending, value.Running?.Pending);
            writer.WriteString(s_created, ApiTime.Format(value.User.Created));
        }
        if (value.ShowsActivity)
            writer.WriteString(s_lastActivity, value.LastActivity);
        if (value.Servers is { } servers)
            WriteServers(writer, servers);
        if (value.ShowsAuthState)
            writer.WriteNull(s_authState);
        if (value.ShowsUserInfo)
        {
            writer.WriteStartObject(s_userInfo);
            writer.WriteString(s_displayName, value.User.DisplayName);
            writer.WriteEndObject();
        }
        if (value.Self is { } self)
        {
            writer.WriteString(s_tokenId, self.TokenId);
            writer.WriteString(s_sessionId, self.SignInId ?? self.GrantedBy);
            WriteTexts(writer, s_scopes, self.Scopes.ToStrings());
        }
        writer.WriteEndObject();
    }

    private static void WriteServers(Utf8JsonWriter writer, IReadOnlyDictionary<string, ServerModel> servers)
    {
        writer.WritePropertyName(s_servers);
        if (servers.Count > 0)
        {
            JsonSerializer.Serialize(writer, servers, ApiJson.Options);
            return;
        }
        writer.WriteStartObject();
        writer.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter writer, JsonEncodedText key, IReadOnlyList<string>? texts)
    {
        if (texts is null)
            return;
        writer.WriteStartArray(key);
        foreach (string text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
