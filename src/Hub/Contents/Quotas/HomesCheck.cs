using Microsoft.Extensions.Options;

namespace Hub.Contents.Quotas;

/// <summary>Refuses at start what this machine cannot do, naming the key.</summary>
internal sealed class HomesCheck : IValidateOptions<HomesOptions>
{
    public ValidateOptionsResult Validate(string? name, HomesOptions options)
    {
        if (options is { QuotaKind: QuotaKind.Image, QuotaBytes: > 0 } && ImageSupport.Problem() is { } problem)
            return ValidateOptionsResult.Fail($"{HomesOptions.Section}:{nameof(HomesOptions.QuotaKind)} is image, but {problem} Leave it at auto, or say measured.");
        if (options.HardLimitPercent is > 0 and < 100)
        {
            return ValidateOptionsResult.Fail(
                $"{HomesOptions.Section}:{nameof(HomesOptions.HardLimitPercent)} is {options.HardLimitPercent}: it is at least 100, or 0 to stop no kernel for what its home holds.");
        }
        foreach ((string entry, HomeQuotaOptions one) in options.Quotas)
        {
            string key = $"{HomesOptions.Section}:{nameof(HomesOptions.Quotas)}:{entry}";
            if (options.QuotaBytes == 0)
                return ValidateOptionsResult.Fail($"{key} needs {HomesOptions.Section}:{nameof(HomesOptions.QuotaBytes)}: without it no home has a limit.");
            if (one.Bytes is < ImagePlan.LeastQuota or > HomesOptions.MostBytes)
                return ValidateOptionsResult.Fail($"{key}:{nameof(HomeQuotaOptions.Bytes)} is {one.Bytes}: it must be between {ImagePlan.LeastQuota} and {HomesOptions.MostBytes}.");
            if (one.Groups.Count + one.Users.Count == 0)
                return ValidateOptionsResult.Fail($"{key} is nobody's: name {nameof(HomeQuotaOptions.Groups)} or {nameof(HomeQuotaOptions.Users)}.");
        }
        return options.QuotaBytes is > 0 and < ImagePlan.LeastQuota
            ? ValidateOptionsResult.Fail($"{HomesOptions.Section}:{nameof(HomesOptions.QuotaBytes)} is {options.QuotaBytes}: a home needs at least {ImagePlan.LeastQuota} bytes, or 0 for no limit.")
            : ValidateOptionsResult.Success;
    }
}
