namespace Hub.Classes.Materials;

/// <summary>What became of handing out materials to one member.</summary>
/// <param name="Folder">The class' folder in their home; empty when it could not be made.</param>
/// <param name="Copied">Files that were not there before.</param>
/// <param name="Kept">Files of which something of the same name was there: left as it is.</param>
/// <param name="Problem">Why not all is there; null when it is.</param>
/// <param name="Same">Of those kept, files that were the same.</param>
public sealed record HandOutResult(string UserName, string Folder, int Copied, int Kept, string? Problem, int Same = 0);
