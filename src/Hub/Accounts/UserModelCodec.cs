using System.Text.Json;
using System.Text.Json.Serialization;
using Hub.Http;

namespace Hub.Accounts;

/// <summary>Writes a user in JupyterHub's keys and their order.</summary>
internal sealed class UserModelCodec : JsonConverter<UserModel>
{
    public override UserModel Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException("Users are only written.");

    public override void Write(Utf8JsonWriter writer, UserModel value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("kind"u8, "user"u8);
        writer.WriteString("name"u8, value.User.Name);
        if (value.ShowsAdmin)
            writer.WriteBoolean("admin"u8, value.User.Admin);
        WriteTexts(writer, "roles"u8, value.Roles);
        WriteTexts(writer, "groups"u8, value.Groups);
        if (value.ShowsState)
        {
            writer.WriteString("server"u8, value.Running is { Ready: true } ready ? ready.Url : null);
            writer.WriteString("pending"u8, value.Running?.Pending);
            writer.WriteString("created"u8, ApiTime.Format(value.User.Created));
        }
        if (value.ShowsActivity)
            writer.WriteString("last_activity"u8, value.LastActivity);
        if (value.Servers is { } servers)
            WriteServers(writer, servers);
        if (value.ShowsAuthState)
            writer.WriteNull("auth_state"u8);
        if (value.ShowsUserInfo)
        {
            writer.WriteStartObject("user_info"u8);
            writer.WriteString("display_name"u8, value.User.DisplayName);
            writer.WriteEndObject();
        }
        if (value.Self is { } self)
        {
            writer.WriteString("token_id"u8, self.TokenId);
            writer.WriteString("session_id"u8, self.SignInId ?? self.GrantedBy);
            WriteTexts(writer, "scopes"u8, self.Scopes.ToStrings());
        }
        writer.WriteEndObject();
    }

    private static void WriteServers(Utf8JsonWriter writer, IReadOnlyDictionary<string, ServerModel> servers)
    {
        writer.WritePropertyName("servers"u8);
        if (servers.Count > 0)
        {
            JsonSerializer.Serialize(writer, servers, ApiJson.Options);
            return;
        }
        writer.WriteStartObject();
        writer.WriteEndObject();
    }

    private static void WriteTexts(Utf8JsonWriter writer, ReadOnlySpan<byte> key, IReadOnlyList<string>? texts)
    {
        if (texts is null)
            return;
        writer.WriteStartArray(key);
        foreach (string text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
