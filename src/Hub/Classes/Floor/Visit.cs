namespace Hub.Classes.Floor;

/// <summary>A teacher's stay in one student's JupyterLab: the door that opens, for whom, for what and until when.</summary>
/// <param name="Id">Names it in addresses and in the audit; it opens nothing by itself.</param>
/// <param name="Teacher">User name of who comes.</param>
/// <param name="TeacherName">What they are called.</param>
/// <param name="Student">User name of whose door it is.</param>
/// <param name="StudentName">What they are called.</param>
/// <param name="Until">The door shuts then, whoever is inside.</param>
public sealed record Visit(
    string Id, long ClassId, string Teacher, string TeacherName, string Student, string StudentName, VisitRole Role, DateTimeOffset Since, DateTimeOffset Until)
{
    public string RoleName => Role == VisitRole.Helper ? "helper" : "viewer";
}
