using Hub.Accounts;

namespace Hub.Auth;

/// <summary>Registers the ways to sign in, and puts them into the pipeline.</summary>
public static class AuthServices
{
    public static IServiceCollection AddAuth(this IServiceCollection services, IConfiguration configuration)
    {
        return services;
    }

    /// <summary>1. who is asking: by token, else by sign-in; 2. does the request come from our own pages; 3. may they do this.</summary>
    public static void UseCallers(this IApplicationBuilder app)
    {
        app.UseMiddleware<HubVersionMiddleware>();
        app.UseMiddleware<TokenMiddleware>();
        app.UseMiddleware<ScopeMiddleware>();
    }
}
