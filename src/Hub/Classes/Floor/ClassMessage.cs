namespace Hub.Classes.Floor;

/// <summary>Something a class was told.</summary>
/// <param name="Id">Rises from message to message, over all classes: whoever knows the last one they saw can ask for what came after it.</param>
/// <param name="By">What the teacher is called.</param>
/// <param name="Text">As it was written; never markup. Empty when the message is a file.</param>
/// <param name="Path">The file it is about, within the class' folder, or from the root of the asker's home; null for words alone.</param>
public sealed record ClassMessage(long Id, long ClassId, DateTimeOffset At, string By, string Text, string? Path);
