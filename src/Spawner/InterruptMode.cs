namespace Spawner;

/// <summary>How a kernelspec wants its kernel interrupted (<c>interrupt_mode</c>).</summary>
public enum InterruptMode
{
    Signal,
    Message,
}
