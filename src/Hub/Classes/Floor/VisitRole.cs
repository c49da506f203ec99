namespace Hub.Classes.Floor;

/// <summary>What a teacher does beside a student.</summary>
public enum VisitRole
{
    /// <summary>Reads along: whatever would change files or kernels is refused.</summary>
    Viewer,

    /// <summary>Edits and runs as the student does.</summary>
    Helper,
}
