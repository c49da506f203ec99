using Hub.Classes;
using Hub.Kernels.Starting;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Hub.Tests.Classes;

/// <summary>Kernels that are ready when a class opens: for which classes, and how many still.</summary>
public sealed class ReadyTests(HubFixture hub) : IClassFixture<HubFixture>
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Classes_that_open_soon_or_have_just_opened_want_their_kernels()
    {
        ClassesStore classes = hub.Services.GetRequiredService<ClassesStore>();
        ClassRules rules = hub.Services.GetRequiredService<ClassRules>();
        await hub.CreateUserAsync("rosalind", ClassHelp.Password);
        await hub.CreateUserAsync("lise", ClassHelp.Password);
        DateTimeOffset now = DateTimeOffset.UnixEpoch.AddMilliseconds(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        Class soon = await MakeAsync("soon", 7, now.AddMinutes(5));
        Class running = await MakeAsync("running", 5, now.AddMinutes(-5));
        Class none = await MakeAsync("none", 0, now.AddMinutes(5));
        Class later = await MakeAsync("later", 3, now.AddMinutes(30));
        Class longAgo = await MakeAsync("long ago", 3, now.AddMinutes(-30));
        Class over = await MakeAsync("over", 3, now.AddMinutes(-5));
        await classes.EndAsync(over.Id, Cancelled);
        await classes.AddMemberAsync(running.Id, "rosalind", teacher: false, agreed: true, Cancelled);
        await classes.AddMemberAsync(running.Id, "lise", teacher: true, agreed: true, Cancelled);

        Assert.Equal((7, 0, 3), (soon.ReadyKernels, none.ReadyKernels, later.ReadyKernels));
        IReadOnlyList<ReadyWish> wishes = (await rules.FindReadyAsync(Cancelled))!;
        Assert.Equal([7, 5], wishes.Select(wish => wish.Count));
        Assert.Empty(wishes[0].Students);
        Assert.Equal(["rosalind"], wishes[1].Students);

        // Moved out of its window, and told to have none any more.
        await classes.ChangeAsync(soon.Id, new ClassChange { Opens = now.AddHours(1), ChangesOpens = true }, Cancelled);
        await classes.ChangeAsync(running.Id, new ClassChange { ReadyKernels = 0 }, Cancelled);
        Assert.Empty((await rules.FindReadyAsync(Cancelled))!);
        Assert.Equal(7, (await classes.FindAsync(soon.Id, Cancelled))!.ReadyKernels);
        Assert.Equal(3, (await classes.FindAsync(longAgo.Id, Cancelled))!.ReadyKernels);

        Task<Class> MakeAsync(string name, int ready, DateTimeOffset opens) =>
            classes.CreateAsync(new ClassChange { Name = name, Environment = "", Capacity = 10, Guests = true, ReadyKernels = ready, Opens = opens, ChangesOpens = true }, [], Cancelled);
    }

    [Fact]
    public void Who_has_a_kernel_needs_none_any_more()
    {
        ReadyWish[] wishes = [new("", 3, ["ada", "bob"]), new("python3", 2, ["cleo"]), new("r", 1, ["dora"]), new("gone", 4, [])];
        IReadOnlyDictionary<string, int> sum = ClassReadiness.Sum(wishes, new HashSet<string> { "ada", "dora", "somebody" }, name => name switch { "" => "python3", "gone" => null, _ => name });
        Assert.Equal(new Dictionary<string, int> { ["python3"] = 4 }, sum);
    }
}
