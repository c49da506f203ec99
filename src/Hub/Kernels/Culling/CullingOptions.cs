using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Hub.Kernels.Culling;

/// <summary>Section <c>Culling</c>: after how long a kernel that nobody uses is stopped, and how people are told before.</summary>
public sealed record CullingOptions
{
    public const string Section = "Culling";

    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00"), Description("A kernel in which nothing ran and nobody did anything for this time is stopped; its outputs and files stay. 0 never. A kernelspec (Kernels:Specs:NAME:IdleAfter) or a class may say another time.")]
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromHours(12);

    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00"), Description("A kernel is stopped this time after its process began, also when it is at work. 0 never. A kernelspec may say another time (Kernels:Specs:NAME:LongestRun).")]
    public TimeSpan LongestRun { get; init; }

    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00"), Description("How long before a kernel is stopped its pages are told; none is stopped that was not told for so long. At most half of the time after which it is stopped.")]
    public TimeSpan WarnBefore { get; init; } = TimeSpan.FromMinutes(5);

    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00"), Description("For how long a kernel is kept when somebody asks for it.")]
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromHours(1);

    [Range(typeof(TimeSpan), "00:00:01", "01:00:00"), Description("Time between two looks at all kernels.")]
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(15);
}
