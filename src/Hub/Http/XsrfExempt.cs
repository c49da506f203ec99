namespace Hub.Http;

/// <summary>Says that an endpoint takes unsafe requests without an XSRF token, and why that is right.</summary>
public sealed record XsrfExempt(string Why);
