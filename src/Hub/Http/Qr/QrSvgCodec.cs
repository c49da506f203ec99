using System.Globalization;
using System.Text;

namespace Hub.Http.Qr;

/// <summary>Modules of a QR code as a picture, always dark on light: readers of phones expect it so, also on a dark page.</summary>
internal static class QrSvgCodec
{
    /// <summary>Modules of light that a reader needs around the code.</summary>
    private const int Quiet = 4;

    public static string Encode(bool[,] modules)
    {
        int side = modules.GetLength(0);
        var path = new StringBuilder();
        for (int row = 0; row < side; row++)
        {
            for (int column = 0; column < side; column++)
            {
                if (!modules[row, column])
                    continue;
                int width = 1;
                while (column + width < side && modules[row, column + width])
                    width++;
                path.Append(CultureInfo.InvariantCulture, $"M{column + Quiet} {row + Quiet}h{width}v1h-{width}z");
                column += width - 1;
            }
        }
        int all = side + (2 * Quiet);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {all} {all}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{all}v{all}H0z"/><path fill="#000" d="{path}"/></svg>""");
    }
}
