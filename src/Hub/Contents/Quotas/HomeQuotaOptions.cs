using System.ComponentModel;

namespace Hub.Contents.Quotas;

/// <summary>One entry of <c>Homes:Quotas</c>: what the homes of some people hold.</summary>
public sealed record HomeQuotaOptions
{
    [Description("How much each of these homes may hold, in bytes.")]
    public long Bytes { get; init; }

    [Description("Names of groups whose members have at least that: of all that is said for somebody the largest holds, Homes:QuotaBytes and their classes included.")]
    public IList<string> Groups { get; init; } = [];

    [Description("Names of users who have exactly that, more or less than others, whatever their groups and classes say.")]
    public IList<string> Users { get; init; } = [];
}
