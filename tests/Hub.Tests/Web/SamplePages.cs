using global::Web.Pages;

namespace Hub.Tests.Web;

/// <summary>One of each page, with everything on it that it can hold.</summary>
internal static class SamplePages
{
    public const string Xsrf = "token-of-the-test";

    public const string Hostile = "<script>alert(1)</script>\"' onload=x";

    public static DateTimeOffset Now { get; } = new(2026, 4, 5, 12, 0, 0, TimeSpan.Zero);

    public static PageFrame Frame { get; } = new(Xsrf, Hostile, "/base/");

    public static IReadOnlyDictionary<string, (Type Page, object View)> All { get; } = new Dictionary<string, (Type, object)>
    {
        ["login"] = (typeof(LoginPage), new LoginView(Frame, "/hub/login?next=%2F", Hostile, Hostile) { Ways = [new SignInWay("/hub/openid/a", Hostile, Hostile)] }),
        ["set password"] = (typeof(SetPasswordPage), new SetPasswordView(Frame, "/hub/setup", Hostile, 12, Hostile)),
        ["change password"] = (typeof(ChangePasswordPage), new ChangePasswordView(Frame, "/hub/password", Hostile, 12, Hostile, true) { Ways = [new ConnectedWay(Hostile, true, "/hub/openid/a/disconnect")] }),
        ["home"] = (typeof(HomePage), new HomeView(Frame, "/user/a/lab", "/user/a/tree", [Kernel("k1", Hostile), Kernel("k2", "")], Now, Hostile) { CellNotice = Hostile, Sharing = Sharing }),
        ["sharing"] = (typeof(SharesPage), new SharesView(Frame, Sharing, "https://hub.example/hub/accept-share?code=" + Hostile, Hostile, Hostile)),
        ["accept share"] = (typeof(AcceptSharePage), new AcceptShareView(Frame, "/hub/accept-share", Hostile, Hostile, Hostile, Hostile, [Hostile])),
        ["tokens"] = (typeof(TokensPage), new TokensView(Frame, "/hub/token", [Token("t1", Hostile), Token("t2", "")], Now, Hostile, Hostile, Hostile)),
        ["message"] = (typeof(MessagePage), new MessageView(Frame, Hostile, Hostile, [Hostile], [Hostile], [new PageLink(Hostile, "/hub/home")], 404, Hostile)),
        ["spawn failed"] = (typeof(SpawnFailedPage), new SpawnFailedView(Frame, Hostile, Hostile, [Hostile], "/hub/spawn", [Hostile])),
        ["starting"] = (typeof(StartingPage), new StartingView(Frame, Hostile, Hostile, 40, "/hub/spawn-pending")),
        ["no password"] = (typeof(ChangePasswordPage), new ChangePasswordView(Frame, "/hub/password", Hostile) { HasPassword = false, Ways = [new ConnectedWay(Hostile, false, "/hub/openid/a/connect")] }),
        ["password with sign-ins"] = (typeof(ChangePasswordPage), new ChangePasswordView(Frame, "/hub/password", Hostile)
        {
            Notice = Hostile,
            TwoStep = "off",
            SignIns = [new SignInRow(Hostile, Hostile, Now.AddDays(-1), Now, true, "/hub/password/sign-ins/s1/end"), new SignInRow(null, null, Now, Now, false, "/hub/password/sign-ins/s2/end")],
            Now = Now,
        }),
        ["second step"] = (typeof(SecondStepPage), new SecondStepView(Frame with { UserName = null }, "/hub/login/code", Hostile, Hostile)),
        ["two-step set-up"] = (typeof(TwoStepSetUpPage), new TwoStepSetUpView(Frame, "/hub/two-step", Hostile, Hostile, "data:image/svg+xml;base64,PHN2Zy8+", Hostile) { Ticket = Hostile }),
        ["two-step"] = (typeof(TwoStepPage), new TwoStepView(Frame, "/hub/two-step", Hostile, Now.AddDays(-3), Now, 7, Required: false, Hostile)),
        ["recovery codes"] = (typeof(RecoveryCodesPage), new RecoveryCodesView(Frame, [Hostile, "abcd-efgh-ijkl-mnop"], "/hub/home")),
        ["sign up"] = (typeof(SignUpPage), new SignUpView(Frame, "/hub/signup", Hostile, 12, true, Hostile)),
        ["onward"] = (typeof(OnwardPage), new OnwardView(Frame, Hostile, "https://elsewhere.example/?a=b&c=" + Hostile)),
        ["join"] = (typeof(JoinPage), new JoinView(Frame with { UserName = null }, "/hub/join", "/hub/login", Hostile, Hostile, Hostile)),
        ["join signed in"] = (typeof(JoinPage), new JoinView(Frame, "/hub/join", "/hub/login", Hostile)),
        ["classes"] = (typeof(ClassesPage), new ClassesView(
            Frame,
            [Summary("/hub/classes/1"), Summary(null)],
            new NewClassForm("/hub/classes", [new EnvironmentChoice(Hostile, Hostile)], 100, new Dictionary<string, string> { ["name"] = Hostile, ["closes"] = Hostile }),
            Hostile)),
        ["class"] = (typeof(ClassPage), Class(ended: false)),
        ["class that is over"] = (typeof(ClassPage), Class(ended: true)),
        ["consent"] = (typeof(ConsentPage), new ConsentView(Frame, "/hub/api/oauth2/authorize", Hostile, Hostile, [Hostile], new Dictionary<string, string> { ["state"] = Hostile })),
        ["signed out"] = (typeof(SignedOutPage), new SignedOutView(Frame, 2)),
    };

    private static SharingPart Sharing => new(
        "/hub/shares", true,
        [new ShareRow(Hostile, false, [Hostile], Now.AddDays(-1), "/hub/shares/1/revoke", null), new ShareRow(Hostile, true, [Hostile], Now, "/hub/shares/2/revoke", null)],
        [new ShareLinkRow("sc_1", Now.AddHours(1), 1, "/hub/shares/links/1/revoke")],
        [new ShareRow(Hostile, false, [Hostile], Now, "/hub/shares/3/leave", "/user/b/"), new ShareRow(Hostile, true, [Hostile], Now, null, null)],
        Now);

    private static ClassSummary Summary(string? manage) => new(Hostile, 2, 30, Ended: manage is null, Teaches: manage is not null, manage);

    private static ClassView Class(bool ended) => new(
        Frame, Hostile, "/hub/classes/1", "7KQ4-M2XH", "https://hub.example/hub/join/7KQ4-M2XH", Good: true, Closed: false, ended, 2, 30, Now.AddHours(1), Hostile,
        [new ClassPerson("grace", Hostile, Guest: false, Teacher: true, HandedOut: false, MayRemove: false), new ClassPerson("guest-a", Hostile, true, false, false, true)],
        Now)
    {
        Notice = Hostile,
        Error = Hostile,
        Links = Hostile,
        Roster = Hostile,
    };

    private static RunningKernel Kernel(string id, string path) =>
        new(id, "Python 3", path, "busy", 2, Now.AddMinutes(-5), path.Length > 0 ? "/user/a/lab/tree/x" : null, $"/hub/kernels/{id}/stop");

    private static TokenRow Token(string id, string note) =>
        new(id, note, ["read:users", Hostile], Now.AddDays(-3), Now.AddHours(-1), Now.AddDays(20), $"/hub/token/{id}/revoke");
}
