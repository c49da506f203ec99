using System.Globalization;

namespace Hub.Telemetry;

/// <summary>Figures of the framework under the names JupyterHub's dashboards ask for, beside their own.</summary>
internal static class JupyterHubNames
{
    private static readonly KeyValuePair<string, string>[] s_requestLabels =
        [new("http.request.method", "method"), new("http.route", "handler"), new("http.response.status_code", "code")];

    /// <summary>The other name of an instrument; null when it has none.</summary>
    public static string? Of(string instrument) => instrument == "http.server.request.duration" ? "jupyterhub_request_duration_seconds" : null;

    /// <summary>The labels JupyterHub gives it.</summary>
    public static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        List<KeyValuePair<string, object?>> labels = [];
        foreach ((string theirs, string ours) in s_requestLabels)
        {
            object? value = null;
            foreach ((string key, object? held) in tags)
            {
                if (key == theirs)
                    value = held;
            }
            labels.Add(new(ours, Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
        }
        return PrometheusCodec.Labels(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(labels));
    }
}
