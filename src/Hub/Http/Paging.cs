using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.WebUtilities;

namespace Hub.Http;

/// <summary>
/// One page of a list, as JupyterHub cuts it: with <c>Accept: application/jupyterhub-pagination+json</c> the answer is an object that leads to the
/// next page, without it a plain array, silently cut.
/// </summary>
public sealed record Paging(int Offset, int Limit, bool AsObject)
{
    private const string MediaType = "application/jupyterhub-pagination+json";
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    /// <exception cref="BadHttpRequestException"><c>offset</c> or <c>limit</c> is no integer.</exception>
    /// <param name="alwaysObject">Of lists that JupyterHub never answers as an array.</param>
    public static Paging Of(HttpRequest request, bool alwaysObject = false)
    {
        bool asObject = alwaysObject || request.Headers.Accept.ToString().Contains(MediaType, StringComparison.OrdinalIgnoreCase);
        return new Paging(
            Math.Max(0, Number(request, "offset", 0)),
            Math.Clamp(Number(request, "limit", asObject ? DefaultLimit : MaxLimit), 1, MaxLimit),
            asObject);
    }

    public IResult Answer<T>(HttpRequest request, IReadOnlyList<T> items, int total)
    {
        if (!AsObject)
            return new JsonAnswer<IReadOnlyList<T>>(items);
        Next? next = Offset + items.Count < total && items.Count > 0 ? new Next(Offset + Limit, Limit, UrlOf(request, Offset + Limit)) : null;
        return new JsonAnswer<Page<T>>(new Page<T>(items, new Position(Offset, Limit, total, next)));
    }

    /// <summary>Absolute and on the host the client asked: it is fetched as it is, from wherever the client stands.</summary>
    private string UrlOf(HttpRequest request, int offset)
    {
        IEnumerable<KeyValuePair<string, string?>> others = request.Query
            .Where(argument => argument.Key is not ("offset" or "limit"))
            .SelectMany(argument => argument.Value, (argument, value) => KeyValuePair.Create(argument.Key, value));
        IEnumerable<KeyValuePair<string, string?>> place =
        [
            new("offset", offset.ToString(CultureInfo.InvariantCulture)),
            new("limit", Limit.ToString(CultureInfo.InvariantCulture)),
        ];
        return QueryHelpers.AddQueryString($"{request.Scheme}://{request.Host}{request.PathBase}{request.Path}", others.Concat(place));
    }

    private static int Number(HttpRequest request, string name, int otherwise)
    {
        string? written = request.Query[name];
        if (string.IsNullOrEmpty(written))
            return otherwise;
        return int.TryParse(written, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)
            ? number
            : throw new BadHttpRequestException($"Invalid value for {name}: must be an integer.");
    }

    private sealed record Page<T>(IReadOnlyList<T> Items, [property: JsonPropertyName("_pagination")] Position Pagination);

    private sealed record Position(int Offset, int Limit, int Total, Next? Next);

    private sealed record Next(int Offset, int Limit, string Url);
}
