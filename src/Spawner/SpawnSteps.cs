namespace Spawner;

/// <summary>Reports the steps of one start with percentages that never fall, whatever order they are said in.</summary>
internal sealed class SpawnSteps(IProgress<SpawnProgress>? listener) : IProgress<SpawnProgress>
{
    private int _percent;

    public void Say(int percent, string message)
    {
        if (listener is null) return;
        _percent = Math.Clamp(percent, _percent, 100);
        listener.Report(new SpawnProgress(_percent, message));
    }

    void IProgress<SpawnProgress>.Report(SpawnProgress value) => Say(value.Percent, value.Message);

    /// <summary>A listener for a part of the start whose own 0 to 100 is squeezed into <paramref name="from"/> to <paramref name="to"/>.</summary>
    public IProgress<SpawnProgress> Part(int from, int to) => new Stretch(this, from, to);

    private sealed class Stretch(SpawnSteps steps, int from, int to) : IProgress<SpawnProgress>
    {
        public void Report(SpawnProgress value) => steps.Say(from + (to - from) * Math.Clamp(value.Percent, 0, 100) / 100, value.Message);
    }
}
