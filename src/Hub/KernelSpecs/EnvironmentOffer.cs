namespace Hub.KernelSpecs;

/// <summary>The environments one person may use now, and why not the others.</summary>
/// <param name="All">Every environment there is.</param>
/// <param name="Usable">Those they may use and that can be used.</param>
/// <param name="Broken">Names of those that nobody can use now.</param>
/// <param name="DefaultName">What their notebooks start with when nothing else is said.</param>
public sealed record EnvironmentOffer(IReadOnlyList<KernelSpec> All, IReadOnlyList<KernelSpec> Usable, IReadOnlySet<string> Broken, string DefaultName)
{
    /// <summary>One they may use, compared without case; null when there is none.</summary>
    public KernelSpec? Find(string name) => Usable.FirstOrDefault(spec => spec.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Why they may not use what exists, for them; null when they may, or there is no such environment.</summary>
    public string? WhyNot(string name)
    {
        if (Find(name) is not null || All.FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is not { } spec)
            return null;
        return Broken.Contains(spec.Name)
            ? $"The environment '{spec.Name}' cannot be used at the moment: what it needs is not there. Choose another one, or tell your administrator: the panel says what is missing."
            : $"The environment '{spec.Name}' is for members of certain groups, and you are in none of them. Choose another one, or ask your administrator.";
    }

    /// <summary>Is it kept from them because of what is missing, not of who they are?</summary>
    public bool IsBroken(string name) => Broken.Contains(name.ToLowerInvariant());
}
