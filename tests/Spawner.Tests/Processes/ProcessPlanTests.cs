using Spawner.Processes;
using Xunit;

namespace Spawner.Tests.Processes;

public sealed class ProcessPlanTests
{
    private static readonly SpawnRequest Request = new()
    {
        KernelId = "11111111-2222-3333-4444-555555555555",
        UserName = "ada",
        KernelSpecName = "python3",
        Command = ["python3", "-f", "{connection_file}"],
        HomeDirectory = "/data/homes/ada",
        UserId = 200_001,
        GroupId = 200_002,
        Key = "secret-key",
        Environment = new Dictionary<string, string> { ["LD_PRELOAD"] = "/home/ada/evil.so", ["LESSON"] = "it's $HOME" },
    };

    private static ProcessPlan Plan(SpawnRequest request, bool root = true, string? cover = null) =>
        ProcessPlan.For(request, new ProcessOptions(), new ProcessPlan.Place("/run/state", "/data/homes/ada", cover, "/run/k/x", "/usr/bin", 1000, root));

    [Fact]
    public void What_the_user_set_reaches_no_program_that_runs_with_the_hubs_rights()
    {
        ProcessPlan plan = Plan(Request);

        Assert.DoesNotContain(plan.Arguments, argument => argument.Contains("evil", StringComparison.Ordinal));
        Assert.Contains("export LD_PRELOAD='/home/ada/evil.so'", plan.Environment, StringComparison.Ordinal);
        Assert.Contains("export LESSON='it'\\''s $HOME'", plan.Environment, StringComparison.Ordinal);
    }

    [Fact]
    public void Root_becomes_the_user_before_the_kernel_starts()
    {
        List<string> arguments = [.. Plan(Request).Arguments];

        int becomes = arguments.IndexOf("--reuid=200001");
        Assert.InRange(becomes, 0, arguments.IndexOf("python3"));
        Assert.Contains("--regid=200002", arguments);
        Assert.Contains("--clear-groups", arguments);
        Assert.Contains("--no-new-privs", arguments);
        Assert.Contains("--bounding-set=-all", arguments);
        Assert.Contains("--nproc=2048", arguments);
    }

    [Fact]
    public void A_hub_that_is_not_root_keeps_its_own_user_and_counts_no_processes()
    {
        IReadOnlyList<string> arguments = Plan(Request, root: false).Arguments;

        Assert.DoesNotContain(arguments, argument => argument.StartsWith("--reuid", StringComparison.Ordinal) || argument.StartsWith("--nproc", StringComparison.Ordinal));
        Assert.Contains("--no-new-privs", arguments);
    }

    [Fact]
    public void The_key_is_in_no_argument_and_no_variable()
    {
        ProcessPlan plan = Plan(Request);

        Assert.DoesNotContain("secret-key", string.Join(' ', plan.Arguments) + plan.Environment, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("12 (sh) S 7 12 9 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 4711 0", 12, 'S', 7, 9, 4711L)]
    [InlineData("12 (a) b (c) Z 7 12 9 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 4711 0", 12, 'Z', 7, 9, 4711L)]
    public void A_command_name_with_parentheses_moves_no_field(string line, int id, char state, int parent, int session, long start) =>
        Assert.Equal(new ProcessEntry(id, state, parent, session, start), ProcessEntry.Parse(line));

    [Theory]
    [InlineData("")]
    [InlineData("12 sh S 7")]
    [InlineData("12 (sh) S 7")]
    public void Half_a_line_is_no_process(string line) => Assert.Null(ProcessEntry.Parse(line));
}
