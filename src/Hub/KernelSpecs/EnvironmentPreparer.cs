using Microsoft.Extensions.Options;
using Spawner;

namespace Hub.KernelSpecs;

/// <summary>
/// Finds out whether an environment can be used, has its image pulled or built if need be, keeps what is pinned, and notes it all on the
/// <see cref="EnvironmentBoard"/>. Never throws because of what it finds: that is what it is there to say.
/// </summary>
internal sealed class EnvironmentPreparer(
    ISpawner spawner, KernelSpecCatalog catalog, EnvironmentBoard board, PanelEnvironments panel, MountSources sources, IOptions<KernelSpecsOptions> options)
{
    private EnvironmentBoard Board => board;

    private IImagePreparer? Images => spawner.Kind == SpawnerKind.Container ? spawner as IImagePreparer : null;

    /// <summary>Notes what can be told at once, for an environment of which nothing is known yet.</summary>
    public async Task LookAsync(KernelSpec spec, CancellationToken cancellationToken)
    {
        if (Images is not { } images || spec.Image is null || board.Of(spec.Name).Phase != EnvironmentPhase.Unknown)
            return;
        try
        {
            if (await images.FindAsync(spec.Pinned ?? spec.Image, cancellationToken) is { } there)
                board.Set(spec.Name, EnvironmentState.Ready with { ImageId = there.Id });
        }
        catch (SpawnException)
        {
            // Said when it is prepared, which comes next.
        }
    }

    /// <param name="again">Pull or build what the tag stands for though it is there.</param>
    /// <param name="console">Hears the progress of a pull or build.</param>
    /// <returns>What is on the board now.</returns>
    public async Task<EnvironmentState> PrepareAsync(KernelSpec spec, bool again, IProgress<SpawnProgress> console, CancellationToken cancellationToken)
    {
        EnvironmentState before = board.Of(spec.Name);
        EnvironmentState now;
        try
        {
            now = await FindOutAsync(spec, again, console, cancellationToken);
        }
        catch (SpawnException silent) when (silent.Failure == SpawnFailure.EngineUnavailable)
        {
            // That says nothing about the environment: what was known of it still holds.
            now = before with { Phase = before.Phase == EnvironmentPhase.Preparing ? EnvironmentPhase.Unknown : before.Phase, Message = silent.Message };
        }
        catch (SpawnException failure)
        {
            now = again && before.ImageId is not null
                ? before with { Phase = EnvironmentPhase.Ready, Message = $"The image could not be renewed, and kernels go on with the one that is there: {failure.Message}" }
                : new EnvironmentState(EnvironmentPhase.Broken, Message: WhatToDo(spec, failure.Message));
        }
        // It may have been changed meanwhile; then somebody else looks after the new one.
        if (IsCurrent(spec))
            board.Set(spec.Name, now);
        return now;
    }

    /// <summary>From now on kernels start from what the tag of an environment of the panel stands for.</summary>
    /// <returns>Why not; null when it is so.</returns>
    /// <exception cref="SpawnException">The engine does not answer.</exception>
    public async Task<string?> TakeAsync(string name, CancellationToken cancellationToken)
    {
        if (Images is not { } images || panel.Find(name) is not { Pin: true } made)
            return "Only environments made in the panel, with an image that is pinned, can take a new one. What the configuration pins is changed there (PinnedDigest).";
        if (await images.FindAsync(made.Settings.Image, cancellationToken) is not { } there)
            return $"The image {made.Settings.Image} is not on this machine now; prepare it first.";
        await images.KeepAsync(there.Id, cancellationToken);
        if (!await panel.PinAsync(made.Name, made.Settings.Image, there.Id, cancellationToken))
            return "The environment was changed meanwhile; look again.";
        board.Set(made.Name, EnvironmentState.Ready with { ImageId = there.Id, TagId = there.Id });
        await ReleaseAsync(made.Pinned, cancellationToken);
        return null;
    }

    /// <summary>Lets go of an image that was pinned, unless another environment pins it too.</summary>
    /// <exception cref="SpawnException">The engine does not answer.</exception>
    public async Task ReleaseAsync(string? imageId, CancellationToken cancellationToken)
    {
        if (imageId is not null && Images is { } images && !catalog.List().Any(spec => spec.Pinned == imageId))
            await images.ReleaseAsync(imageId, cancellationToken);
    }

    private async Task<EnvironmentState> FindOutAsync(KernelSpec spec, bool again, IProgress<SpawnProgress> console, CancellationToken cancellationToken)
    {
        if (Images is not { } images || spec.Image is not { } tag)
            return EnvironmentState.Ready;
        string key = spec.Origin == KernelSpecOrigin.Panel ? spec.Name : "Kernels:Specs:" + spec.Name;
        if (sources.Problem(key, spec.Mounts, spec.Origin == KernelSpecOrigin.Panel ? options.Value.PanelMountRoots : null) is { } wrong)
            return new EnvironmentState(EnvironmentPhase.Broken, Message: wrong);
        if (await NetworkProblemAsync(images, spec.Network, cancellationToken) is { } unfit)
            return new EnvironmentState(EnvironmentPhase.Broken, Message: $"{key}:Network: {unfit}");
        Progress progress = new(this, spec, console);
        string from = await ReferenceAsync(images, spec, cancellationToken);
        if (again)
            await images.RenewAsync(tag, progress, cancellationToken);
        await images.EnsureAsync(from, progress, cancellationToken);
        ImageFacts there = await images.FindAsync(from, cancellationToken)
            ?? throw new SpawnException(SpawnFailure.ImageMissing, "The image of this kernel is not there.", $"Image {from} was prepared and is gone again.");
        if (spec.Pinned is null && panel.Find(spec.Name) is { Pin: true, Pinned: null } && spec.Origin == KernelSpecOrigin.Panel)
            await panel.PinAsync(spec.Name, tag, there.Id, cancellationToken);
        if (catalog.Find(spec.Name)?.Pinned is not null && board.Of(spec.Name).ImageId != there.Id)
            await images.KeepAsync(there.Id, cancellationToken);
        string? tagId = from == tag ? there.Id : (await images.FindAsync(tag, cancellationToken))?.Id;
        return EnvironmentState.Ready with { ImageId = there.Id, TagId = tagId };
    }

    /// <summary>A network the hub keeps is made, or mended, by this look.</summary>
    private async Task<string?> NetworkProblemAsync(IImagePreparer images, string? network, CancellationToken cancellationToken)
    {
        if (spawner is IInternetNetwork kept && kept.IsMeantBy(network))
            return await kept.EnsureAsync(cancellationToken) is { } problem ? $"kernels cannot have the network \"{IInternetNetwork.Word}\" now: {problem}." : null;
        return network is null or "none" || await images.HasNetworkAsync(network, cancellationToken)
            ? null
            : $"the engine has no network \"{network}\". Make it (docker network create), or correct the name.";
    }

    /// <summary>What kernels start from: the tag, or the id that is pinned, or the digest that is pinned, by which it can be pulled.</summary>
    private static async Task<string> ReferenceAsync(IImagePreparer images, KernelSpec spec, CancellationToken cancellationToken)
    {
        string tag = spec.Image!;
        if (spec.Pinned is not { } pinned)
            return tag;
        if (spec.Origin == KernelSpecOrigin.Panel || await images.FindAsync(pinned, cancellationToken) is not null)
            return pinned;
        string name = tag.Split('@')[0];
        int colon = name.LastIndexOf(':');
        return (colon > name.LastIndexOf('/') ? name[..colon] : name) + "@" + pinned;
    }

    private bool IsCurrent(KernelSpec spec) => catalog.Find(spec.Name) is { } now && now.Image == spec.Image && now.Origin == spec.Origin;

    private static string WhatToDo(KernelSpec spec, string problem) => spec.Pinned is null
        ? $"Environment '{spec.Name}': the image '{spec.Image}' is not on this machine and could not be had. {problem} Correct its name, build or load it on this machine, or say where its Dockerfile is (Docker:Builds)."
        : $"Environment '{spec.Name}': the image '{spec.Image}' that is pinned ({spec.Pinned}) is not on this machine and could not be had. {problem} Load it again, or pin another one.";

    /// <summary>Only what takes time reports at all, so what is ready already never looks as if it were not.</summary>
    private sealed class Progress(EnvironmentPreparer owner, KernelSpec spec, IProgress<SpawnProgress> console) : IProgress<SpawnProgress>
    {
        public void Report(SpawnProgress value)
        {
            console.Report(value);
            if (owner.IsCurrent(spec))
                owner.Board.Set(spec.Name, owner.Board.Of(spec.Name) with { Phase = EnvironmentPhase.Preparing, Percent = value.Percent, Message = value.Message });
        }
    }
}
