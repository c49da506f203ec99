namespace Hub.Http.Qr;

/// <summary>The modules of a QR code while it is drawn: dark or light, and which of them belong to the pattern rather than to the data.</summary>
internal sealed class QrGrid(int side)
{
    private readonly bool[,] _dark = new bool[side, side];
    private readonly bool[,] _reserved = new bool[side, side];

    public int Side { get; } = side;

    public bool this[int row, int column] => _dark[row, column];

    public bool IsReserved(int row, int column) => _reserved[row, column];

    public void Set(int row, int column, bool dark) => _dark[row, column] = dark;

    /// <summary>A module of the pattern, which no mask turns over.</summary>
    public void Reserve(int row, int column, bool dark)
    {
        _dark[row, column] = dark;
        _reserved[row, column] = true;
    }

    /// <summary>Turns over the data modules that mask <paramref name="mask"/> names; doing it twice undoes it (table 10).</summary>
    public void Mask(int mask)
    {
        for (int row = 0; row < Side; row++)
        {
            for (int column = 0; column < Side; column++)
                _dark[row, column] ^= !_reserved[row, column] && IsMasked(mask, row, column);
        }
    }

    public bool[,] ToModules() => (bool[,])_dark.Clone();

    private static bool IsMasked(int mask, int row, int column) => mask switch
    {
        0 => (row + column) % 2 == 0,
        1 => row % 2 == 0,
        2 => column % 3 == 0,
        3 => (row + column) % 3 == 0,
        4 => ((row / 2) + (column / 3)) % 2 == 0,
        5 => (row * column % 2) + (row * column % 3) == 0,
        6 => ((row * column % 2) + (row * column % 3)) % 2 == 0,
        _ => (((row + column) % 2) + (row * column % 3)) % 2 == 0,
    };
}
