using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.Accounts;
using Hub.Contents;
using Hub.Contents.Quotas;
using Hub.Http;
using Hub.KernelSpecs;
using Microsoft.Extensions.Options;

namespace Hub.Classes;

/// <summary>Understands what is to be made or changed about a class, from the API's fields or a page's, within the limits of the options.</summary>
internal sealed class ClassFieldsHandler(
    EnvironmentAccess access, IOptions<ClassesOptions> options, IOptions<AccountsOptions> accounts, IOptions<ContentsOptions> contents, IOptions<HomesOptions> homes)
{
    private static readonly string[] s_known = ["name", "environment", "limits", "ready_kernels", "home_quota_bytes", "opens", "closes", "capacity", "guests", "materials"];

    /// <param name="also">Other fields that are read elsewhere.</param>
    /// <exception cref="BadHttpRequestException">Naming the field that is wrong.</exception>
    public async Task<ClassChange> ReadAsync(JsonObject body, string caller, CancellationToken cancellationToken, params string[] also)
    {
        var fields = new JsonFields(body);
        fields.RefuseOthers([.. s_known, .. also]);
        ClassChange change = new()
        {
            Name = NameOf(fields.Text("name")),
            Environment = await EnvironmentOfAsync(fields.Text("environment"), body.ContainsKey("environment"), caller, cancellationToken),
            Limits = body.ContainsKey("limits") ? LimitsOf(body["limits"]) : null,
            ReadyKernels = body.ContainsKey("ready_kernels")
                ? (int)(Within(fields.Number("ready_kernels"), "ready_kernels", 0, options.Value.MaxReadyKernels, $"{ClassesOptions.Section}:{nameof(ClassesOptions.MaxReadyKernels)}") ?? 0)
                : null,
            HomeQuotaBytes = body.ContainsKey("home_quota_bytes") ? HomeQuotaOf(fields.Number("home_quota_bytes")) : null,
            Opens = TimeOf(fields.Text("opens"), "opens"),
            ChangesOpens = body.ContainsKey("opens"),
            Closes = TimeOf(fields.Text("closes"), "closes"),
            ChangesCloses = body.ContainsKey("closes"),
            Capacity = (int?)Within(fields.Number("capacity"), "capacity", 1, options.Value.MaxCapacity, "Classes:MaxCapacity"),
            Guests = fields.Flag("guests"),
        };
        if (change is { Opens: { } opens, Closes: { } closes } && closes <= opens)
            throw new BadHttpRequestException("closes must be later than opens");
        return body.ContainsKey("materials") ? WithMaterials(change, fields.Fields("materials"), caller) : change;
    }

    /// <summary>Limits of a code: <c>expires_at</c> and <c>max_uses</c>, both optional.</summary>
    public static ClassCode ReadCode(JsonObject? body, DateTimeOffset now)
    {
        var fields = new JsonFields(body);
        fields.RefuseOthers("expires_at", "max_uses");
        DateTimeOffset? expires = TimeOf(fields.Text("expires_at"), "expires_at");
        if (expires <= now)
            throw new BadHttpRequestException("expires_at is in the past");
        return new ClassCode(ExpiresAt: expires, MaxUses: (int?)Within(fields.Number("max_uses"), "max_uses", 1, int.MaxValue, ""));
    }

    /// <exception cref="BadHttpRequestException">It is no path in a home.</exception>
    public ContentPath PathOf(string written)
    {
        try
        {
            return ContentPath.Parse(written, contents.Value);
        }
        catch (ContentException wrong)
        {
            throw new BadHttpRequestException("path: " + wrong.Message, wrong);
        }
    }

    private string? NameOf(string? written)
    {
        string? name = written?.Trim();
        return name is not null && DisplayName.Problem(name, accounts.Value) is { } problem ? throw new BadHttpRequestException("name: " + problem) : name;
    }

    /// <summary>Who makes a class may give it what they may use themselves.</summary>
    private async Task<string?> EnvironmentOfAsync(string? written, bool given, string caller, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(written))
            return given ? "" : null;
        EnvironmentOffer offer = await access.OfAsync(caller, cancellationToken);
        return offer.Find(written)?.Name
            ?? throw new BadHttpRequestException(
                $"environment: {offer.WhyNot(written) ?? $"there is no kernel called '{written}'."} Available: {string.Join(", ", offer.Usable.Select(spec => spec.Name))}");
    }

    /// <summary>0 and null say nothing of homes.</summary>
    private long HomeQuotaOf(long? written)
    {
        const string name = "home_quota_bytes", option = $"{ClassesOptions.Section}:{nameof(ClassesOptions.MaxHomeQuotaBytes)}";
        if (written is null or 0)
            return 0;
        if (homes.Value.Quota is not { } quota)
            throw new BadHttpRequestException($"{name}: homes have no quota here ({HomesOptions.Section}:{nameof(HomesOptions.QuotaBytes)})");
        if (options.Value.MaxHomeQuotaBytes <= quota)
            throw new BadHttpRequestException($"{name}: classes may not raise the quota of homes here ({option})");
        return Within(written, name, quota, options.Value.MaxHomeQuotaBytes, option)!.Value;
    }

    private ClassLimits LimitsOf(JsonNode? node)
    {
        if (node is null)
            return new ClassLimits();
        if (node is not JsonObject body)
            throw new BadHttpRequestException("limits must be an object");
        var fields = new JsonFields(body);
        fields.RefuseOthers("max_kernels", "memory_bytes", "cpus", "idle_seconds");
        double? cpus = body["cpus"] switch
        {
            null => null,
            JsonValue value when value.GetValueKind() == JsonValueKind.Number && value.TryGetValue(out double number) && number is >= 0.01 and <= 1024 => number,
            _ => throw new BadHttpRequestException("limits.cpus must be a number from 0.01 to 1024"),
        };
        return new ClassLimits(
            (int?)Within(fields.Number("max_kernels"), "limits.max_kernels", 1, 1000, ""),
            Within(fields.Number("memory_bytes"), "limits.memory_bytes", 16 << 20, 1L << 45, ""),
            cpus,
            Within(fields.Number("idle_seconds"), "limits.idle_seconds", 60, options.Value.MaxIdleSeconds, $"{ClassesOptions.Section}:{nameof(ClassesOptions.MaxIdleSeconds)}") is { } idle ? TimeSpan.FromSeconds(idle) : null);
    }

    private ClassChange WithMaterials(ClassChange change, JsonFields? fields, string caller)
    {
        if (fields is null)
            return change with { MaterialsUser = "", MaterialsPath = "" };
        fields.RefuseOthers("user", "path");
        ContentPath path = PathOf(fields.Text("path") ?? "");
        if (path.IsRoot)
            throw new BadHttpRequestException("materials.path must name a folder; a whole home is not handed out");
        return change with { MaterialsUser = fields.Text("user") is { } user ? UserName.Normalise(user) : caller, MaterialsPath = path.Text };
    }

    private static long? Within(long? number, string name, long least, long most, string option) =>
        number is null || (number >= least && number <= most)
            ? number
            : throw new BadHttpRequestException(string.Create(CultureInfo.InvariantCulture, $"{name} must be between {least} and {most}{(option.Length > 0 ? $" ({option})" : "")}"));

    private static DateTimeOffset? TimeOf(string? written, string name)
    {
        if (string.IsNullOrEmpty(written))
            return null;
        return DateTimeOffset.TryParse(written, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out DateTimeOffset at)
            ? at
            : throw new BadHttpRequestException($"{name} is not a time in ISO 8601, such as 2026-04-05T09:00:00Z");
    }
}
