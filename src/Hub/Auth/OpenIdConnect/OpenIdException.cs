namespace Hub.Auth.OpenIdConnect;

/// <summary>A sign-in by a provider came to nothing. The message is for the log: what was wrong, without a token, code or secret.</summary>
public sealed class OpenIdException(OpenIdRefusal refusal, string message, Exception? cause = null) : Exception(message, cause)
{
    public OpenIdException() : this(OpenIdRefusal.ProviderWrong, "")
    {
    }

    public OpenIdException(string message) : this(OpenIdRefusal.ProviderWrong, message)
    {
    }

    public OpenIdException(string message, Exception cause) : this(OpenIdRefusal.ProviderWrong, message, cause)
    {
    }

    public OpenIdRefusal Refusal { get; } = refusal;
}
