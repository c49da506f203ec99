using Hub.Kernels.Reconciling;
using Spawner;
using Xunit;

namespace Hub.Tests.Kernels.Reconciling;

/// <summary>What follows when the hub and its spawner do not agree on which kernels there are.</summary>
public sealed class ReconcileStateTests
{
    [Fact]
    public void A_kernel_that_nobody_knows_is_removed_at_the_second_look()
    {
        (ReconcileState state, IReadOnlyList<ReconcileEffect> effects) = ReconcileState.Empty.Look(Known(), [Listed("a")], Known());
        Assert.Empty(effects);
        Assert.Equal("a", Assert.IsType<ReconcileEffect.Remove>(Assert.Single(state.Look(Known(), [Listed("a")], Known()).Effects)).Kernel.KernelId);
    }

    [Fact]
    public void What_was_odd_only_once_is_left_alone()
    {
        ReconcileState state = ReconcileState.Empty.Look(Known(), [Listed("a")], Known()).State;
        state = state.Look(Known(Runs("a")), [Listed("a")], Known(Runs("a"))).State;
        Assert.Empty(state.Look(Known(), [Listed("a")], Known()).Effects);
    }

    [Fact]
    public void One_that_is_being_started_stopped_or_taken_over_is_left_alone_however_often()
    {
        KernelEntry changing = new("a", null, IsChanging: true, IsDead: false);
        AssertNever(Known(changing), [Listed("a")], Known(changing));
        AssertNever(Known(changing), [], Known(Runs("a")));
        AssertNever(Known(Runs("a")), [], Known(Runs("a") with { IsChanging = true }));
        AssertNever(Known(), [Listed("a")], Known(changing));
        AssertNever(Known(Runs("a")), [Listed("a")], Known());
    }

    [Fact]
    public void What_is_as_it_should_be_has_no_effect() =>
        AssertNever(Known(Runs("a"), Dead("b")), [Listed("a")], Known(Runs("a"), Dead("b")));

    [Fact]
    public void A_kernel_that_is_gone_is_told_of_at_the_second_look()
    {
        (ReconcileState state, IReadOnlyList<ReconcileEffect> effects) = ReconcileState.Empty.Look(Known(Runs("a")), [], Known(Runs("a")));
        Assert.Empty(effects);
        Assert.Equal(new ReconcileEffect.TellGone("a", "process of a"), Assert.Single(state.Look(Known(Runs("a")), [], Known(Runs("a"))).Effects));
    }

    [Fact]
    public void A_former_process_of_a_restarted_kernel_is_removed_and_the_new_one_is_not()
    {
        IReadOnlyDictionary<string, KernelEntry> known = Known(Runs("a"));
        SpawnedKernel former = Listed("a") with { Handle = "former" };
        ReconcileState state = ReconcileState.Empty.Look(known, [former, Listed("a")], known).State;
        Assert.Equal("former", Assert.IsType<ReconcileEffect.Remove>(Assert.Single(state.Look(known, [former, Listed("a")], known).Effects)).Kernel.Handle);
    }

    [Fact]
    public void What_is_left_of_a_dead_kernel_is_cleared_away()
    {
        IReadOnlyDictionary<string, KernelEntry> known = Known(Dead("a"));
        ReconcileState state = ReconcileState.Empty.Look(known, [Listed("a")], known).State;
        Assert.IsType<ReconcileEffect.Remove>(Assert.Single(state.Look(known, [Listed("a")], known).Effects));
    }

    private static void AssertNever(IReadOnlyDictionary<string, KernelEntry> before, IReadOnlyCollection<SpawnedKernel> listed, IReadOnlyDictionary<string, KernelEntry> after)
    {
        ReconcileState state = ReconcileState.Empty;
        for (int look = 0; look < 3; look++)
        {
            (state, IReadOnlyList<ReconcileEffect> effects) = state.Look(before, listed, after);
            Assert.Empty(effects);
        }
    }

    private static Dictionary<string, KernelEntry> Known(params KernelEntry[] entries) => entries.ToDictionary(entry => entry.KernelId);

    private static KernelEntry Runs(string id) => new(id, $"process of {id}", IsChanging: false, IsDead: false);

    private static KernelEntry Dead(string id) => Runs(id) with { IsDead = true };

    private static SpawnedKernel Listed(string id) => new(
        id, "ada", "python3", $"process of {id}", new KernelEndpoint("ipc", "k", 1, 2, 3, 4, 5, ""), InterruptMode.Signal, DateTimeOffset.UnixEpoch, new Dictionary<string, string>());
}
