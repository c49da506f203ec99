namespace Hub.Accounts.Services;

/// <summary>Section <c>Services</c>: services by name.</summary>
public sealed class ServicesOptions() : Dictionary<string, ServiceOptions>(StringComparer.Ordinal)
{
    public const string Section = "Services";
}
