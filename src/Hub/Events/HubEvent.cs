namespace Hub.Events;

/// <summary>Everything that can happen, one record each. Audit, metrics and live pages read the same stream.</summary>
/// <param name="At">When.</param>
/// <param name="UserName">Whom it concerns; empty when it concerns the hub itself.</param>
public abstract record HubEvent(DateTimeOffset At, string UserName)
{
    /// <summary>Who did it; empty where it is not known, or was the hub itself.</summary>
    public string By { get; init; } = "";

    /// <summary>Which of the user's servers it happened in; empty for the default one, and where servers have no part.</summary>
    public string ServerName { get; init; } = "";

    /// <summary>The address they came from, of sign-ins; empty where it is not known.</summary>
    public string Address { get; init; } = "";

    /// <summary>A kernel is being started; <paramref name="Message"/> is for the person waiting.</summary>
    public sealed record KernelStarting(DateTimeOffset At, string UserName, string KernelId, string KernelName, string Path, int Percent, string Message)
        : HubEvent(At, UserName);

    /// <summary>A kernel answered for the first time.</summary>
    public sealed record KernelReady(DateTimeOffset At, string UserName, string KernelId, string KernelName, string Path) : HubEvent(At, UserName);

    /// <summary>A kernel could not be started; <paramref name="Message"/> names cause and remedy for the user.</summary>
    public sealed record KernelStartFailed(DateTimeOffset At, string UserName, string KernelId, string KernelName, string Path, string Cause, string Message)
        : HubEvent(At, UserName);

    /// <summary>A running kernel ended without being asked to.</summary>
    public sealed record KernelDied(DateTimeOffset At, string UserName, string KernelId, string KernelName, string Path, string Cause, string Message)
        : HubEvent(At, UserName);

    /// <summary>The hub is about to stop a kernel that nobody uses, or that runs for too long.</summary>
    /// <param name="Cause"><c>idle</c> or <c>longest_run</c>.</param>
    /// <param name="EndsAt">When; null takes back what was told.</param>
    /// <param name="KeepFor">For how long it is kept when somebody asks for it; zero when it cannot be.</param>
    public sealed record KernelEnding(DateTimeOffset At, string UserName, string KernelId, string KernelName, string Path, string Cause, DateTimeOffset? EndsAt, string Message, TimeSpan KeepFor)
        : HubEvent(At, UserName);

    /// <summary>A home holds more or less than was told before, in whole percent of its limit.</summary>
    /// <param name="Level"><c>fine</c>, <c>high</c> (80 %), <c>nearly</c> (95 %) or <c>full</c>.</param>
    /// <param name="Before">The level told before.</param>
    public sealed record HomeUsage(DateTimeOffset At, string UserName, long UsedBytes, long LimitBytes, string Level, string Before) : HubEvent(At, UserName);

    /// <summary>A file or directory that pages show was changed, by whomever.</summary>
    /// <param name="Action"><c>create</c>, <c>save</c>, <c>rename</c> or <c>delete</c>; <c>save</c> of a directory means that anything in it may have changed.</param>
    /// <param name="Path">In the home.</param>
    /// <param name="SourcePath">What it was called before a rename; else null.</param>
    public sealed record ContentsChanged(DateTimeOffset At, string UserName, string Action, string Path, string? SourcePath) : HubEvent(At, UserName);

    /// <summary>A kernel was stopped for good, by its user or an administrator.</summary>
    public sealed record KernelStopped(DateTimeOffset At, string UserName, string KernelId, string KernelName, string Path) : HubEvent(At, UserName);

    /// <summary>A terminal was opened.</summary>
    public sealed record TerminalStarted(DateTimeOffset At, string UserName, string Terminal, string Environment) : HubEvent(At, UserName);

    /// <summary>A terminal is no more.</summary>
    /// <param name="Cause"><c>exited</c>, <c>deleted</c>, <c>idle</c>, <c>server_stopped</c>, <c>home_full</c>, <c>out_of_memory</c> or <c>lost</c>.</param>
    public sealed record TerminalEnded(DateTimeOffset At, string UserName, string Terminal, string Environment, string Cause) : HubEvent(At, UserName);

    public sealed record SignedIn(DateTimeOffset At, string UserName) : HubEvent(At, UserName);

    public sealed record SignInFailed(DateTimeOffset At, string UserName) : HubEvent(At, UserName);

    public sealed record SignedOut(DateTimeOffset At, string UserName) : HubEvent(At, UserName);

    public sealed record UserCreated(DateTimeOffset At, string UserName, bool Admin = false) : HubEvent(At, UserName);

    /// <summary>An account was changed; what was not asked to change is null. <paramref name="Admin"/> is a change of role.</summary>
    public sealed record UserChanged(DateTimeOffset At, string UserName, string? NewName, bool? Admin, bool? Disabled) : HubEvent(At, UserName);

    public sealed record UserDeleted(DateTimeOffset At, string UserName) : HubEvent(At, UserName);

    /// <summary>A group was made, filled, emptied or deleted.</summary>
    /// <param name="What"><c>created</c>, <c>added</c>, <c>removed</c> or <c>deleted</c>.</param>
    /// <param name="Users">Whom it concerns, with spaces between.</param>
    public sealed record GroupChanged(DateTimeOffset At, string Group, string What, string Users) : HubEvent(At, "");

    /// <summary>An administrator let somebody in who had made an account and waited.</summary>
    public sealed record SignUpApproved(DateTimeOffset At, string UserName) : HubEvent(At, UserName);

    /// <summary>An administrator refused somebody who waited; their account is gone.</summary>
    /// <param name="Reason">What the administrator wrote; may be empty.</param>
    public sealed record SignUpRefused(DateTimeOffset At, string UserName, string Reason) : HubEvent(At, UserName);

    /// <summary>Something about the user's two-step sign-in.</summary>
    /// <param name="What"><c>on</c>, <c>off</c>, <c>codes-renewed</c> or <c>recovery-code-used</c>.</param>
    public sealed record TwoStepChanged(DateTimeOffset At, string UserName, string What) : HubEvent(At, UserName);

    /// <summary>Somebody ran a cell; told only where the operator wants it (<c>Audit:Cells</c>).</summary>
    /// <param name="UserName">Whose kernel it is.</param>
    /// <param name="Path">The notebook's; empty where it is not known.</param>
    /// <param name="CellId">Empty where the front end does not say.</param>
    /// <param name="Hash">SHA-256 of the code in lower-case hexadecimal.</param>
    /// <param name="Text">Its beginning; null unless the operator wants it.</param>
    public sealed record CellRan(DateTimeOffset At, string UserName, string KernelId, string Path, string CellId, string Hash, string? Text) : HubEvent(At, UserName);

    /// <summary>The user's password was set or changed; every other sign-in of theirs has ended.</summary>
    public sealed record PasswordChanged(DateTimeOffset At, string UserName) : HubEvent(At, UserName);

    public sealed record TokenCreated(DateTimeOffset At, string UserName, string TokenId, string Scopes = "") : HubEvent(At, UserName);

    public sealed record TokenRevoked(DateTimeOffset At, string UserName, string TokenId) : HubEvent(At, UserName);

    /// <summary>Somebody used rights over others, or an administrator's token changed something.</summary>
    /// <param name="Route">The route's pattern, not the path.</param>
    /// <param name="Status">Of the answer.</param>
    /// <param name="TokenId">Null for people at a page.</param>
    public sealed record ActedForOther(DateTimeOffset At, string UserName, string Method, string Route, int Status, string? TokenId) : HubEvent(At, UserName);

    public sealed record ClassCreated(DateTimeOffset At, long ClassId) : HubEvent(At, "");

    /// <summary>Settings, code or members of a class were changed; <paramref name="What"/> is one word.</summary>
    public sealed record ClassChanged(DateTimeOffset At, string UserName, long ClassId, string What) : HubEvent(At, UserName);

    /// <summary>Somebody joined by code; a guest got an account for it.</summary>
    public sealed record ClassJoined(DateTimeOffset At, string UserName, long ClassId, bool Guest) : HubEvent(At, UserName);

    /// <summary>A class that ran meets no more: its time is over, or it was moved or ended. Hands are down, and visits have ended.</summary>
    /// <param name="To">Everybody in the class.</param>
    public sealed record ClassClosed(DateTimeOffset At, long ClassId, IReadOnlySet<string> To) : HubEvent(At, "");

    public sealed record ClassEnded(DateTimeOffset At, long ClassId, int Guests) : HubEvent(At, "");

    public sealed record ClassDeleted(DateTimeOffset At, long ClassId) : HubEvent(At, "");

    /// <summary>A student of a class raised or lowered their hand, or a teacher lowered it.</summary>
    public sealed record HandMoved(DateTimeOffset At, string UserName, long ClassId, bool Raised) : HubEvent(At, UserName);

    /// <summary>A class was told something, by a <c>message</c> or a <c>file</c>; what, is kept with the class.</summary>
    /// <param name="To">Everybody in the class.</param>
    public sealed record ClassTold(DateTimeOffset At, long ClassId, long MessageId, string What, IReadOnlySet<string> To) : HubEvent(At, "");

    /// <summary>A teacher's visit to a student's server was opened, began or ended.</summary>
    /// <param name="What"><c>opened</c>, <c>began</c>, or why it ended.</param>
    /// <param name="ConcernsPage">The student's pages show it.</param>
    public sealed record VisitChanged(DateTimeOffset At, string UserName, long ClassId, string VisitId, string Role, string What, bool ConcernsPage) : HubEvent(At, UserName);

    /// <summary>Somebody else may use a server from now on.</summary>
    /// <param name="Server">Empty for the default one.</param>
    /// <param name="With"><c>user:bob</c> or <c>group:physics</c>.</param>
    public sealed record ServerShared(DateTimeOffset At, string UserName, string Server, string With, string Scopes) : HubEvent(At, UserName);

    /// <summary>A share ended, or <paramref name="Scopes"/> of it did.</summary>
    public sealed record ShareRevoked(DateTimeOffset At, string UserName, string Server, string With, string Scopes) : HubEvent(At, UserName);

    public sealed record ShareCodeCreated(DateTimeOffset At, string UserName, string Server, string CodeId, string Scopes) : HubEvent(At, UserName);

    public sealed record ShareCodeRevoked(DateTimeOffset At, string UserName, string Server, string CodeId) : HubEvent(At, UserName);

    /// <summary>A server with a name was <c>created</c>, <c>changed</c> or <c>removed</c>.</summary>
    /// <param name="NewName">Where it is called otherwise from now on.</param>
    public sealed record NamedServerChanged(DateTimeOffset At, string UserName, string What, string? NewName = null) : HubEvent(At, UserName);

    /// <summary>An environment of the panel was <c>created</c>, <c>changed</c> or <c>removed</c>, one <c>took-image</c>, or one was <c>renewed</c> by hand.</summary>
    /// <param name="Image">The image it has, or had.</param>
    public sealed record EnvironmentChanged(DateTimeOffset At, string Environment, string What, string Image) : HubEvent(At, "");

    public sealed record ServerStarted(DateTimeOffset At, string UserName) : HubEvent(At, UserName);

    public sealed record ServerStopped(DateTimeOffset At, string UserName) : HubEvent(At, UserName);
}
