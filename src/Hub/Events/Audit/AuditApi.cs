using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hub.Http;
using Hub.Storage;

namespace Hub.Events.Audit;

/// <summary>The audit for administrators and their programs: pages of it as JSON, or all that is asked for as one JSON object a line.</summary>
internal static class AuditApi
{
    private const int MostAtOnce = 1000;
    private const string Lines = "application/x-ndjson";

    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/hub/api/audit", GetAsync).RequireScope("read:audit");

    /// <summary>
    /// <c>?kind= by= user= since= until= after= before= order=newest limit= format=ndjson</c>. Oldest first; a page names the number to ask the next one
    /// <c>after</c>. With <c>order=newest</c> the newest first, and the next page is asked <c>before</c> the last number.
    /// </summary>
    private static async Task<IResult> GetAsync(HttpContext context, AuditStore store)
    {
        AuditQuery query = Read(context.Request.Query);
        if (context.Request.Query["format"] == "ndjson" || context.Request.Headers.Accept.ToString().Contains(Lines, StringComparison.Ordinal))
            return Results.Stream(body => WriteLinesAsync(body, store, query, context.RequestAborted), Lines);
        IReadOnlyList<AuditRecord> records = await store.ListAsync(query, context.RequestAborted);
        return Results.Json(new { records = records.Select(Model), after = records.Count == query.Limit && !query.NewestFirst ? records[^1].Number : (long?)null });
    }

    private static async Task WriteLinesAsync(Stream body, AuditStore store, AuditQuery query, CancellationToken cancellationToken)
    {
        // In pages, so that a slow reader keeps no transaction open.
        for (AuditQuery page = query with { Limit = MostAtOnce, NewestFirst = false }; ;)
        {
            IReadOnlyList<AuditRecord> records = await store.ListAsync(page, cancellationToken);
            foreach (AuditRecord record in records)
            {
                await JsonSerializer.SerializeAsync(body, Model(record), ApiJson.Options, cancellationToken);
                await body.WriteAsync("\n"u8.ToArray(), cancellationToken);
            }
            if (records.Count < MostAtOnce)
                return;
            page = page with { After = records[^1].Number };
        }
    }

    private static JsonObject Model(AuditRecord record) => new()
    {
        ["number"] = record.Number,
        ["at"] = ApiTime.Format(StoredTime.FromStored(record.At)),
        ["kind"] = record.Kind,
        ["by"] = record.By,
        ["user"] = record.User,
        ["detail"] = JsonNode.Parse(record.Detail),
        ["previous"] = record.Previous,
        ["hash"] = record.Hash,
    };

    /// <exception cref="BadHttpRequestException">Names the argument that is not understood.</exception>
    private static AuditQuery Read(IQueryCollection query) => new()
    {
        Kind = Text(query, "kind"),
        By = Text(query, "by"),
        User = Text(query, "user"),
        Since = Time(query, "since"),
        Until = Time(query, "until"),
        After = Number(query, "after", 0, long.MaxValue) ?? 0,
        Before = Number(query, "before", 0, long.MaxValue),
        NewestFirst = Text(query, "order") switch { null => false, "newest" => true, _ => throw new BadHttpRequestException("order must be newest, or be left out") },
        Limit = (int)(Number(query, "limit", 1, MostAtOnce) ?? 100),
    };

    private static string? Text(IQueryCollection query, string name) => query.TryGetValue(name, out var value) && value.ToString() is { Length: > 0 } text ? text : null;

    private static DateTimeOffset? Time(IQueryCollection query, string name) => Text(query, name) is not { } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time
        : throw new BadHttpRequestException($"{name} must be a time such as 2026-11-21T12:00:00Z");

    private static long? Number(IQueryCollection query, string name, long least, long most) => Text(query, name) is not { } text ? null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most ? number
        : throw new BadHttpRequestException(string.Create(CultureInfo.InvariantCulture, $"{name} must be a number from {least} to {most}"));
}
