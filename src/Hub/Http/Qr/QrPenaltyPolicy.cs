namespace Hub.Http.Qr;

/// <summary>How hard a masked QR code is to read: the mask with the fewest points is taken (ISO/IEC 18004, 7.8.3).</summary>
internal static class QrPenaltyPolicy
{
    /// <summary>A finder pattern with four light modules before or after it.</summary>
    private static readonly bool[][] s_finderLike =
    [
        [true, false, true, true, true, false, true, false, false, false, false],
        [false, false, false, false, true, false, true, true, true, false, true],
    ];

    public static int Of(QrGrid grid) => Lines(grid, (line, at) => grid[line, at]) + Lines(grid, (line, at) => grid[at, line]) + Squares(grid) + Balance(grid);

    /// <summary>Runs of five and more of one colour, and what looks like a finder pattern.</summary>
    private static int Lines(QrGrid grid, Func<int, int, bool> at)
    {
        int points = 0;
        for (int line = 0; line < grid.Side; line++)
        {
            int run = 0;
            for (int i = 0; i < grid.Side; i++)
            {
                run = i > 0 && at(line, i) == at(line, i - 1) ? run + 1 : 1;
                points += run switch { 5 => 3, > 5 => 1, _ => 0 };
                if (i + 11 <= grid.Side)
                    points += 40 * s_finderLike.Count(pattern => Matches(at, line, i, pattern));
            }
        }
        return points;
    }

    private static bool Matches(Func<int, int, bool> at, int line, int from, bool[] pattern)
    {
        for (int i = 0; i < pattern.Length; i++)
        {
            if (at(line, from + i) != pattern[i])
                return false;
        }
        return true;
    }

    private static int Squares(QrGrid grid)
    {
        int points = 0;
        for (int row = 1; row < grid.Side; row++)
        {
            for (int column = 1; column < grid.Side; column++)
            {
                bool dark = grid[row, column];
                if (dark == grid[row - 1, column] && dark == grid[row, column - 1] && dark == grid[row - 1, column - 1])
                    points += 3;
            }
        }
        return points;
    }

    private static int Balance(QrGrid grid)
    {
        int dark = 0;
        for (int row = 0; row < grid.Side; row++)
        {
            for (int column = 0; column < grid.Side; column++)
                dark += grid[row, column] ? 1 : 0;
        }
        int all = grid.Side * grid.Side;
        return Math.Abs((dark * 20) - (all * 10)) / all * 10;
    }
}
