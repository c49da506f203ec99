using Hub.Accounts;
using Hub.Events;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Hub.Auth;

/// <summary>Checks and sets passwords. Checking takes as long for a name nobody has as for a wrong password.</summary>
/// <remarks>A check costs a tenth of a second of a processor, so no more run at once than there are processors; the others wait.</remarks>
public sealed class Passwords : IDisposable
{
    private readonly PasswordsStore _store;
    private readonly AccountsStore _accounts;
    private readonly CallerWatch _watch;
    private readonly EventStream _events;
    private readonly TimeProvider _time;
    private readonly IOptions<AuthOptions> _options;
    private readonly PasswordHasher<string> _hasher;
    private readonly SemaphoreSlim _processors = new(Environment.ProcessorCount);
    private readonly Lazy<string> _nobodysHash;

    public Passwords(
        PasswordsStore store, AccountsStore accounts, CallerWatch watch, EventStream events, TimeProvider time, IOptions<AuthOptions> options)
    {
        _store = store;
        _accounts = accounts;
        _watch = watch;
        _events = events;
        _time = time;
        _options = options;
        _hasher = new PasswordHasher<string>(Options.Create(new PasswordHasherOptions { IterationCount = options.Value.PasswordIterations }));
        _nobodysHash = new Lazy<string>(() => _hasher.HashPassword("", Secret.New()));
    }

    /// <summary>The user, if this is their password and they may sign in; or that they wait for an administrator.</summary>
    public async Task<PasswordCheck> CheckAsync(string userName, string password, CancellationToken cancellationToken)
    {
        // A longer one was never taken; hashing it would only keep the processor busy.
        if (password.Length > _options.Value.MaxPasswordLength)
            password = "";
        // The user first: should the password change meanwhile, the old security stamp signs nobody in.
        User? user = await _accounts.FindAsync(userName, cancellationToken);
        string? hash = await _store.FindHashAsync(userName, cancellationToken);
        PasswordVerificationResult result = await WorkAsync(() => _hasher.VerifyHashedPassword(userName, hash ?? _nobodysHash.Value, password), cancellationToken);
        if (user is null || hash is null || result == PasswordVerificationResult.Failed)
            return default;
        if (user.Disabled)
            return new PasswordCheck(null, Waits: true);
        if (result == PasswordVerificationResult.SuccessRehashNeeded)
            await _store.StrengthenAsync(userName, hash, await HashAsync(userName, password, cancellationToken), cancellationToken);
        return new PasswordCheck(user, Waits: false);
    }

    /// <summary>Sets the password and ends every sign-in of the user; what is wrong with it otherwise, and nothing is changed.</summary>
    public async Task<string?> SetAsync(User user, string password, CancellationToken cancellationToken)
    {
        if (PasswordPolicy.Problem(password, user.Name, _options.Value) is { } problem)
            return problem;
        await _store.SetAsync(user.Id, await HashAsync(user.Name, password, cancellationToken), cancellationToken);
        await NoteChangedAsync(user);
        return null;
    }

    /// <summary>As <see cref="SetAsync"/>, by a one-time link, which is used up. Neither user nor problem: the link is not good.</summary>
    public async Task<(User? User, string? Problem)> SetByLinkAsync(string link, string password, CancellationToken cancellationToken)
    {
        if (await _store.FindLinkAsync(link, cancellationToken) is not { } userName)
            return (null, null);
        if (PasswordPolicy.Problem(password, userName, _options.Value) is { } problem)
            return (null, problem);
        if (!await _store.UseLinkAsync(link, await HashAsync(userName, password, cancellationToken), cancellationToken))
            return (null, null);
        User? user = await _accounts.FindAsync(userName, cancellationToken);
        if (user is not null)
            await NoteChangedAsync(user);
        return (user, null);
    }

    public void Dispose() => _processors.Dispose();

    private async Task NoteChangedAsync(User user)
    {
        _watch.EndSignIns(user.Id);
        await _events.PublishAsync(new HubEvent.PasswordChanged(_time.GetUtcNow(), user.Name));
    }

    /// <summary>What the database keeps of a password.</summary>
    internal Task<string> HashAsync(string userName, string password, CancellationToken cancellationToken) =>
        WorkAsync(() => _hasher.HashPassword(userName, password), cancellationToken);

    private async Task<T> WorkAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await _processors.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(work, cancellationToken);
        }
        finally
        {
            _processors.Release();
        }
    }
}
