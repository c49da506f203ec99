using System.Text;

namespace Spawner.Processes;

/// <summary>The shell scripts beside this file, handed to <c>sh -c</c>: nothing has to lie on disk where a user could change it.</summary>
internal static class Scripts
{
    public static string Supervise { get; } = Read("supervise.sh");

    public static string Launch { get; } = Read("launch.sh");

    public static string Mount { get; } = Read("mount.sh");

    public static string Become { get; } = Read("become.sh");

    private static string Read(string name)
    {
        using Stream stream = typeof(Scripts).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The script {name} is missing from the assembly.");
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
