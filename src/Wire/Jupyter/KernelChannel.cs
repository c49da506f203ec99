namespace Wire.Jupyter;

/// <summary>The five channels of a kernel, spelled on the wire as <c>shell control iopub stdin hb</c> (messaging spec, "Introduction").</summary>
public enum KernelChannel
{
    Shell,
    Control,
    IOPub,
    Stdin,
    Heartbeat,
}
