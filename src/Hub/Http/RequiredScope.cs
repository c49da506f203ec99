namespace Hub.Http;

/// <summary>What an endpoint asks of its caller; kept as endpoint metadata and enforced before the endpoint runs.</summary>
/// <param name="Name">A scope as JupyterHub spells it, without a filter.</param>
public sealed record RequiredScope(string Name, ScopeFilter Filter);
