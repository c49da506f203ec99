using Hub.Accounts;
using Hub.Accounts.Services;
using Hub.Admin;
using Hub.Auth;
using Hub.Auth.OAuth;
using Hub.Auth.OpenIdConnect;
using Hub.Auth.TwoStep;
using Hub.Backup;
using Hub.Classes;
using Hub.Classes.Floor;
using Hub.Contents;
using Hub.Events;
using Hub.Events.Audit;
using Hub.Http;
using Hub.Journal;
using Hub.Kernels;
using Hub.KernelSpecs;
using Hub.Lab;
using Hub.Servers;
using Hub.Sessions;
using Hub.Sharing;
using Hub.Storage;
using Hub.Telemetry;
using Hub.Terminals;

namespace Hub;

/// <summary>
/// The table of contents: every room is registered and mapped here, nowhere else. Rooms stand in their order; a room uses only rooms above it.
/// </summary>
public static class HubApplication
{
    /// <summary>Builds the hub from <c>appsettings.json</c>, environment and command line; it neither listens nor starts anything yet.</summary>
    /// <exception cref="HubSettingsException">An argument or setting is unknown or malformed; the message names it.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">A setting is out of range; the message names its key (thrown by start).</exception>
    public static WebApplication Create(string[] arguments) => Create(arguments, _ => { });

    /// <summary>As above; <paramref name="replace"/> puts other parts in the place of registered ones, such as a clock a test moves.</summary>
    internal static WebApplication Create(string[] arguments, Action<IServiceCollection> replace)
    {
        WebApplicationBuilder builder = HubSettings.CreateBuilder(arguments);
        AddRooms(builder.Services, builder.Configuration);
        replace(builder.Services);
        WebApplication app = builder.Build();
        UsePipeline(app);
        MapRooms(app);
        return app;
    }

    private static void AddRooms(IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddHttp(configuration);
        services.AddStorage(configuration);
        services.AddEvents(configuration);
        services.AddTelemetry(configuration);
        services.AddAccounts(configuration);
        services.AddAuth(configuration);
        services.AddKernelSpecs(configuration);
        services.AddContents(configuration);
        services.AddServers(configuration);
        services.AddClasses(configuration);
        services.AddJournal(configuration);
        services.AddHostedService<HomesAtEnd>(); // before kernels, which end in the opposite order: their homes rest after them
        services.AddKernels(configuration);
        services.AddSessions();
        services.AddTerminals(configuration);
        services.AddSharing(configuration);
        services.AddLab(configuration);
        services.AddAdmin(configuration);
        services.AddBackup();
        services.AddSingleton<HubReplacement>();
        services.AddSingleton<KernelsLeft>();
        services.AddHostedService<HubControl>(); // last: who asks the hub to leave finds it whole
    }

    /// <summary>
    /// 1. errors get their shape and every answer its security headers (Http);
    /// 2. a named server's name is taken out of the path, and the route is chosen (Servers);
    /// 3. a database that does not answer becomes a 503 (Storage);
    /// 4. the caller is found, XSRF and scopes are checked (Accounts, Auth);
    /// 5. who visits a student's server is watched (Classes);
    /// 6. a user's server must be running (Servers);
    /// 7. the endpoint runs.
    /// </summary>
    private static void UsePipeline(WebApplication app)
    {
        app.UseHttp();
        app.UseMiddleware<NamedServerMiddleware>();
        app.UseRouting();
        app.UseStorage();
        app.UseCallers();
        app.UseMiddleware<VisitMiddleware>();
        app.UseMiddleware<RunningServerMiddleware>();
    }

    private static void MapRooms(WebApplication app)
    {
        // Everything of one user's server. Not running: 424, see RunningServerMiddleware.
        RouteGroupBuilder userServer = app.MapGroup("/user/{user}");
        userServer.RequireScope("access:servers", ScopeFilter.Server);
        RunningServerMiddleware.Guard(userServer);
        userServer.AnswerUnchanged();

        HealthApi.Map(app);
        MetricsApi.Map(app);
        AuditApi.Map(app);
        HubApi.Map(app);
        UsersApi.Map(app);
        GroupsApi.Map(app);
        ServicesApi.Map(app);
        TokensApi.Map(app);
        SignInPages.Map(app);
        PasswordPages.Map(app);
        PasswordsApi.Map(app);
        TwoStepPages.Map(app);
        TwoStepApi.Map(app);
        SignInsPages.Map(app);
        SignInsApi.Map(app);
        SignUpPages.Map(app);
        SignUpsApi.Map(app);
        OpenIdPages.Map(app);
        BackChannelLogoutApi.Map(app);
        TokenPages.Map(app);
        OAuthPages.Map(app);
        OAuthTokenApi.Map(app);
        KernelSpecsApi.Map(userServer);
        ContentsApi.Map(userServer);
        FilesApi.Map(userServer);
        ServersApi.Map(app);
        ShutdownApi.Map(app);
        ServerPages.Map(app);
        ClassesApi.Map(app);
        ClassMembersApi.Map(app);
        FloorApi.Map(app);
        HandedFilesApi.Map(app);
        VisitsApi.Map(app);
        JoinPages.Map(app);
        ClassPages.Map(app);
        KernelsApi.Map(userServer);
        SessionsApi.Map(userServer);
        TerminalsApi.Map(userServer);
        SharesApi.Map(app);
        SharedApi.Map(app);
        ShareCodesApi.Map(app);
        SharePages.Map(app);
        app.MapLab(userServer);
        app.MapAdmin();
    }
}
