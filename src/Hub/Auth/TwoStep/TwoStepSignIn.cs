using System.Security.Cryptography;
using Hub.Accounts;
using Hub.Events;
using Microsoft.Extensions.Options;

namespace Hub.Auth.TwoStep;

/// <summary>
/// The second step of signing in with a password: a code of an app, or a recovery code. Says who has it and who must, checks codes, and turns it on and off.
/// Providers of OpenID Connect ask for second factors themselves; tokens have none.
/// </summary>
public sealed partial class TwoStepSignIn(
    TwoStepStore store, TwoStepSeals seals, EventStream events, TimeProvider time, IOptions<AuthOptions> options, ILogger<TwoStepSignIn> logger)
{
    private const int RecoveryCodes = 10;

    /// <summary>Can people turn it on?</summary>
    public bool IsOffered => options.Value.Totp != TotpKind.Off;

    public bool IsRequired(User user) =>
        user is { HasPassword: true, Guest: false } && (options.Value.Totp == TotpKind.Required || (options.Value.Totp == TotpKind.RequiredForAdmins && user.Admin));

    /// <summary>Null when the user has not turned it on, or it is off for everybody.</summary>
    public async Task<SecondFactor?> FindAsync(User user, CancellationToken cancellationToken) =>
        IsOffered ? await store.FindAsync(user.Id, cancellationToken) : null;

    /// <summary>Is this a code of the user's, and was it not used before? It is used up then.</summary>
    public async Task<bool> CheckAsync(User user, string written, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(user.Id, cancellationToken) is not { } factor)
            return false;
        if (RecoveryCodeCodec.Normalise(written) is { } recovery)
        {
            if (!await store.UseCodeAsync(user.Id, recovery, cancellationToken))
                return false;
            await TellAsync(user, "recovery-code-used", user.Name);
            return true;
        }
        if (seals.Open(user.Id, factor.Sealed) is not { } secret)
        {
            LogNotOpened(user.Name);
            return false;
        }
        return TotpCodec.Match(secret, Digits(written), time.GetUtcNow(), factor.LastStep) is { } step && await store.UseStepAsync(user.Id, step, cancellationToken);
    }

    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(TotpCodec.SecretBytes);

    /// <summary>Turns it on when <paramref name="written"/> shows that the user's app has the secret. The recovery codes, to be shown once; null when it is not the code.</summary>
    public async Task<IReadOnlyList<string>?> TurnOnAsync(User user, byte[] secret, string written, CancellationToken cancellationToken)
    {
        if (TotpCodec.Match(secret, Digits(written), time.GetUtcNow(), -1) is not { } step)
            return null;
        IReadOnlyList<string> codes = NewCodes();
        if (!await store.AddAsync(user.Id, seals.Seal(user.Id, secret), step, codes, cancellationToken))
            return null;
        await TellAsync(user, "on", user.Name);
        return codes;
    }

    /// <summary>Recovery codes in the place of the old ones; null when it is off.</summary>
    public async Task<IReadOnlyList<string>?> RenewCodesAsync(User user, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> codes = NewCodes();
        if (!await store.RenewCodesAsync(user.Id, codes, cancellationToken))
            return null;
        await TellAsync(user, "codes-renewed", user.Name);
        return codes;
    }

    /// <summary>False when it was off.</summary>
    public async Task<bool> TurnOffAsync(User user, string by, CancellationToken cancellationToken)
    {
        if (!await store.RemoveAsync(user.Id, cancellationToken))
            return false;
        await TellAsync(user, "off", by);
        return true;
    }

    private static string[] NewCodes() =>
        [.. Enumerable.Range(0, RecoveryCodes).Select(_ => RecoveryCodeCodec.Encode(RandomNumberGenerator.GetBytes(RecoveryCodeCodec.Bytes)))];

    /// <summary>Apps show codes as two groups of three.</summary>
    private static string Digits(string written) => string.Concat(written.Where(letter => !char.IsWhiteSpace(letter)));

    private ValueTask TellAsync(User user, string what, string by) => events.PublishAsync(new HubEvent.TwoStepChanged(time.GetUtcNow(), user.Name, what) { By = by });

    [LoggerMessage(730, LogLevel.Error, "The second factor of {User} cannot be opened: the hub's protection keys are not those it was sealed with. A recovery code works, or an administrator resets it")]
    private partial void LogNotOpened(string user);
}
