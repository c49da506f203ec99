using System.Runtime.CompilerServices;
using Wire.Zmtp;
using Xunit;

namespace Wire.Tests.Zmtp;

/// <summary>Blocks of long messages.</summary>
public sealed class LargeBuffersTests
{
    private readonly LargeBuffers _buffers = new();

    [Fact]
    public void A_block_is_used_again_for_what_fits_it()
    {
        byte[] block = _buffers.Rent(3_000_000);
        Assert.InRange(block.Length, 3_000_000, 3_300_000);
        Assert.NotSame(block, _buffers.Rent(3_000_000));
        _buffers.Return(block);
        Assert.NotSame(block, _buffers.Rent(4_000_000));
        Assert.NotSame(block, _buffers.Rent(100_000));
        Assert.Same(block, _buffers.Rent(2_900_000));
        Assert.NotSame(block, _buffers.Rent(2_900_000));
    }

    [Fact]
    public void Short_blocks_are_none_of_its_business()
    {
        byte[] block = _buffers.Rent(1_000);
        Assert.Equal(1_000, block.Length);
        _buffers.Return(block);
        Assert.NotSame(block, _buffers.Rent(1_000));
        Assert.Empty(_buffers.Rent(0));
    }

    [Fact]
    public void Spare_ones_are_bounded_in_number_and_bytes()
    {
        byte[][] blocks = [.. Enumerable.Range(0, 20).Select(_ => _buffers.Rent(100_000))];
        foreach (byte[] block in blocks)
            _buffers.Return(block);
        Assert.Equal(16, Enumerable.Range(0, 20).Count(_ => blocks.Contains(_buffers.Rent(100_000))));
        byte[][] large = [.. Enumerable.Range(0, 3).Select(_ => _buffers.Rent(30_000_000))];
        foreach (byte[] block in large)
            _buffers.Return(block);
        Assert.Equal(2, Enumerable.Range(0, 3).Count(_ => large.Contains(_buffers.Rent(30_000_000))));
    }

    [Fact]
    public void Spare_ones_go_with_a_collection()
    {
        WeakReference spare = ReturnOne();
        GC.Collect();
        Assert.False(spare.IsAlive);
        Assert.Equal(3_000_000, _buffers.Rent(3_000_000).Length, 300_000.0);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference ReturnOne()
    {
        byte[] block = _buffers.Rent(3_000_000);
        _buffers.Return(block);
        return new WeakReference(block);
    }
}
