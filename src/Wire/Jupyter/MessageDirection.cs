namespace Wire.Jupyter;

/// <summary>Who may send a message of some type.</summary>
[Flags]
public enum MessageDirection
{
    None = 0,
    ToKernel = 1,
    FromKernel = 2,
}
