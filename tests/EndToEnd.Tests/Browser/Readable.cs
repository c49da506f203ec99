using Microsoft.Playwright;
using Xunit;

namespace EndToEnd.Tests.Browser;

/// <summary>Whether people can read a page.</summary>
internal static class Readable
{
    /// <summary>The page is light or dark as asked, and every text on it keeps the contrast of WCAG 2.2 AA (1.4.3): 4.5, or 3 where it is large.</summary>
    /// <param name="within">Which elements are looked at; all by default.</param>
    public static async Task IsAsync(IPage page, string address, ColorScheme colours, string within = "body *")
    {
        string[] faint = await page.EvaluateAsync<string[]>(
            """
            within => {
                const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
                const rgba = text => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = text; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
                const luminance = colour => {
                    const [r, g, b] = colour.map(part => part / 255).map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
                    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
                };
                const behind = element => {
                    for (let at = element; at; at = at.parentElement) {
                        const colour = rgba(getComputedStyle(at).backgroundColor);
                        if (colour[3] === 255) return colour;
                    }
                    return matchMedia('(prefers-color-scheme: dark)').matches ? [18, 18, 18] : [255, 255, 255];
                };
                const faint = [];
                const page = luminance(behind(document.body).slice(0, 3));
                faint.push(page > 0.5 ? 'Light' : 'Dark');
                for (const element of document.querySelectorAll(within)) {
                    if (![...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()) || !element.getClientRects().length) continue;
                    const style = getComputedStyle(element), text = luminance(rgba(style.color).slice(0, 3)), paper = luminance(behind(element).slice(0, 3));
                    const ratio = (Math.max(text, paper) + 0.05) / (Math.min(text, paper) + 0.05);
                    const large = parseFloat(style.fontSize) >= 24 || parseFloat(style.fontSize) >= 18.66 && parseInt(style.fontWeight) >= 700;
                    if (ratio < (large ? 3 : 4.5)) faint.push(`${element.tagName} "${element.textContent.trim().slice(0, 30)}" ${ratio.toFixed(2)}`);
                }
                return faint;
            }
            """,
            within);
        Assert.True(faint.Length == 1, $"{address} has text that is hard to read: {string.Join("; ", faint.Skip(1))}");
        Assert.Equal(colours.ToString(), faint[0]);
    }
}
