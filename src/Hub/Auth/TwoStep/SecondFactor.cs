namespace Hub.Auth.TwoStep;

/// <summary>What the database knows of somebody's two-step sign-in.</summary>
/// <param name="Sealed">The secret, see <see cref="TwoStepSeals"/>.</param>
/// <param name="LastStep">Of the last code that was used: it and all before it are worth nothing any more.</param>
/// <param name="CodesLeft">Recovery codes that were not used yet.</param>
public sealed record SecondFactor(string Sealed, long LastStep, DateTimeOffset Created, int CodesLeft);
