namespace Hub.Auth.OAuth;

/// <summary>Why an OAuth request is refused, in the words of RFC 6749 §4.1.2.1 and §5.2.</summary>
/// <param name="Code">Such as <c>invalid_grant</c>.</param>
/// <param name="Why">A sentence for whoever wrote the client.</param>
internal sealed record OAuthError(string Code, string Why);
