using Microsoft.Extensions.Options;

namespace Hub.Contents.Quotas;

/// <summary>Refuses at start what this machine cannot do, naming the key.</summary>
internal sealed class HomesCheck : IValidateOptions<HomesOptions>
{
    public ValidateOptionsResult Validate(string? name, HomesOptions options)
    {
        if (options is { QuotaKind: QuotaKind.Image, QuotaBytes: > 0 } && ImageSupport.Problem() is { } problem)
            return ValidateOptionsResult.Fail($"{HomesOptions.Section}:{nameof(HomesOptions.QuotaKind)} is image, but {problem} Leave it at auto, or say measured.");
        return options.QuotaBytes is > 0 and < ImagePlan.LeastQuota
            ? ValidateOptionsResult.Fail($"{HomesOptions.Section}:{nameof(HomesOptions.QuotaBytes)} is {options.QuotaBytes}: a home needs at least {ImagePlan.LeastQuota} bytes, or 0 for no limit.")
            : ValidateOptionsResult.Success;
    }
}
