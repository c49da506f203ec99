namespace Web.Pages;

/// <summary>
/// The form for a new class; it posts <c>name</c>, <c>environment</c>, <c>capacity</c>, <c>max_kernels</c>, <c>closes</c> (UTC), <c>materials</c>,
/// <c>guests</c> and <c>_xsrf</c>.
/// </summary>
/// <param name="Typed">What was typed before it was refused, by field.</param>
public sealed record NewClassForm(string Action, IReadOnlyList<EnvironmentChoice> Environments, int Capacity, IReadOnlyDictionary<string, string> Typed)
{
    public string? Was(string field) => Typed.GetValueOrDefault(field);
}
