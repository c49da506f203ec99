using System.Globalization;
using System.Text;

namespace Hub.Telemetry;

/// <summary>Prometheus' text form, version 0.0.4 (https://prometheus.io/docs/instrumenting/exposition_formats/).</summary>
internal static class PrometheusCodec
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary><c>http.server.request.duration</c> in <c>s</c> becomes <c>http_server_request_duration_seconds</c>; counters end in <c>_total</c>.</summary>
    public static string NameOf(string instrument, string? unit, string kind)
    {
        StringBuilder name = new(instrument.Length + 8);
        foreach (char letter in instrument)
            name.Append(char.IsAsciiLetterOrDigit(letter) ? letter : '_');
        string? suffix = unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            "ms" => "_milliseconds",
            _ => null,
        };
        string text = name.ToString();
        if (suffix is not null && !text.EndsWith(suffix, StringComparison.Ordinal))
            text += suffix;
        return kind == "counter" && !text.EndsWith("_total", StringComparison.Ordinal) ? text + "_total" : text;
    }

    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return "";
        StringBuilder labels = new();
        foreach ((string key, object? value) in tags)
        {
            if (labels.Length > 0)
                labels.Append(',');
            foreach (char letter in key)
                labels.Append(char.IsAsciiLetterOrDigit(letter) ? letter : '_');
            labels.Append("=\"");
            foreach (char letter in Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")
                _ = letter switch
                {
                    '\\' => labels.Append(@"\\"),
                    '"' => labels.Append("\\\""),
                    '\n' => labels.Append(@"\n"),
                    _ => labels.Append(letter),
                };
            labels.Append('"');
        }
        return labels.ToString();
    }

    public static string Write(IEnumerable<MetricFamily> families)
    {
        StringBuilder text = new();
        foreach (MetricFamily family in families.Where(family => !family.Series.IsEmpty).OrderBy(family => family.Name, StringComparer.Ordinal))
        {
            if (family.Help.Length > 0)
                text.Append("# HELP ").Append(family.Name).Append(' ').Append(family.Help.ReplaceLineEndings(" ")).Append('\n');
            text.Append("# TYPE ").Append(family.Name).Append(' ').Append(family.Kind).Append('\n');
            foreach (MetricSeries series in family.Series.Values.OrderBy(series => series.Labels, StringComparer.Ordinal))
                WriteSeries(text, family, series);
        }
        return text.ToString();
    }

    private static void WriteSeries(StringBuilder text, MetricFamily family, MetricSeries series)
    {
        (double value, long count, long[]? buckets) = series.Read();
        if (buckets is null)
        {
            WriteLine(text, family.Name, series.Labels, value);
            return;
        }
        long upTo = 0;
        for (int i = 0; i < buckets.Length; i++)
        {
            upTo += buckets[i];
            string bound = i < family.Bounds!.Length ? Number(family.Bounds[i]) : "+Inf";
            WriteLine(text, family.Name + "_bucket", $"{series.Labels}{(series.Labels.Length > 0 ? "," : "")}le=\"{bound}\"", upTo);
        }
        WriteLine(text, family.Name + "_sum", series.Labels, value);
        WriteLine(text, family.Name + "_count", series.Labels, count);
    }

    private static void WriteLine(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
