namespace Hub.Http;

/// <summary>How an endpoint states its scope. A test walks all routes; one that states nothing fails the build, and is refused at run time.</summary>
public static class RouteScopes
{
    /// <summary>Lets callers in who hold <paramref name="scope"/> for what <paramref name="filter"/> names.</summary>
    public static TBuilder RequireScope<TBuilder>(this TBuilder endpoint, string scope, ScopeFilter filter = ScopeFilter.None)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoint.Add(builder => builder.Metadata.Add(new RequiredScope(scope, filter)));
        return endpoint;
    }

    /// <summary>Lets everybody in; <paramref name="why"/> is read by the next auditor.</summary>
    public static TBuilder Public<TBuilder>(this TBuilder endpoint, string why)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoint.Add(builder => builder.Metadata.Add(new PublicRoute(why)));
        return endpoint;
    }

    /// <summary>Takes POST and the like without an XSRF token; <paramref name="why"/> is read by the next auditor.</summary>
    public static TBuilder WithoutXsrf<TBuilder>(this TBuilder endpoint, string why)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoint.Add(builder => builder.Metadata.Add(new XsrfExempt(why)));
        return endpoint;
    }
}
