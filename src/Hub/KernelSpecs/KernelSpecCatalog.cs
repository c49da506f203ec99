namespace Hub.KernelSpecs;

/// <summary>The kernelspecs a user may start, wherever they come from.</summary>
public sealed class KernelSpecCatalog
{
    /// <summary>Name of the kernelspec used when a request names none.</summary>
    public string DefaultName => throw new NotImplementedException();

    /// <summary>All kernelspecs, by name. Answered from memory; what lies on disk is read again at most every few seconds.</summary>
    public IReadOnlyList<KernelSpec> List() => throw new NotImplementedException();

    /// <summary>One by its name, compared without case as Jupyter Server does; null when there is none.</summary>
    public KernelSpec? Find(string name) => throw new NotImplementedException();
}
