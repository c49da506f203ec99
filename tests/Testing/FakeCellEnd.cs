namespace Testing;

/// <summary>How a cell of a <see cref="FakeKernel"/> ended.</summary>
internal enum FakeCellEnd
{
    Done,
    Failed,
    Died,
}
