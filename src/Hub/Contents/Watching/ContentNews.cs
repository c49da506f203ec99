namespace Hub.Contents.Watching;

/// <summary>One thing to tell open pages, in the words of Jupyter's schema <c>contents_service/v1</c>.</summary>
/// <param name="Action"><c>create</c>, <c>save</c>, <c>rename</c> or <c>delete</c>; <c>save</c> of a directory means: look again what is in it.</param>
/// <param name="From">What it was called before a rename; else null.</param>
internal sealed record ContentNews(string Action, string Path, string? From = null);
