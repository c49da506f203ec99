namespace Hub.Contents.Watching;

/// <summary>Something that happened to one name in a watched directory.</summary>
/// <param name="Id">The watch's number.</param>
/// <param name="Name">Without a zero; null for the directory itself.</param>
/// <param name="Cookie">The same for both halves of a rename; else 0.</param>
internal readonly record struct DirectoryChange(int Id, uint What, uint Cookie, string? Name);
