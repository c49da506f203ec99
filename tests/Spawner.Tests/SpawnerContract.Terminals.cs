using System.Globalization;
using Spawner.Terminals;
using Xunit;

namespace Spawner.Tests;

/// <summary>The same for terminals: the program that holds one, where a hub would start it.</summary>
public abstract partial class SpawnerContract
{
    private const int Scrollback = 64 * 1024;

    private SpawnRequest Terminal(string python = "/usr/bin/python3", string shell = "") => Python() with
    {
        Purpose = SpawnPurpose.Terminal,
        Command = TerminalProgram.Command(python, Scrollback, shell),
        Files = TerminalProgram.Files,
    };

    [Fact]
    public async Task A_terminal_runs_a_shell_and_is_found_again_with_what_it_showed()
    {
        Directory.CreateDirectory(Path.Combine(Hub.Home, "lessons"));
        ISpawner spawner = Open();
        SpawnedKernel terminal = await Start(spawner, Terminal() with { WorkingDirectory = "lessons" });
        Assert.Equal(SpawnPurpose.Terminal, terminal.Purpose);
        using (HolderTalk talk = await HolderTalk.With(terminal))
        {
            await talk.Resize(31, 97);
            await talk.Type("stty size; basename \"$PWD\"; echo user-$(id -u)-$USER; tty\n");
            string said = await talk.Until("/dev/pts/");
            Assert.Contains("31 97\r\nlessons\r\n", said, StringComparison.Ordinal);
            if (Hub.UserId is { } user) Assert.Contains($"user-{user.ToString(CultureInfo.InvariantCulture)}-ada", said, StringComparison.Ordinal);
            Assert.DoesNotContain("I have no name", said, StringComparison.Ordinal);
            Assert.DoesNotContain("no job control", said, StringComparison.Ordinal);
        }

        ISpawner after = Open();
        SpawnedKernel found = Assert.Single(await after.ListAsync(CancellationToken.None));
        Assert.Equal((SpawnPurpose.Terminal, terminal.KernelId, terminal.Handle), (found.Purpose, found.KernelId, found.Handle));
        using (HolderTalk talk = await HolderTalk.With(found))
        {
            Assert.Contains("31 97", await talk.Until("/dev/pts/"), StringComparison.Ordinal);
            await talk.Type("echo still-$((40 + 2))\n");
            await talk.Until("still-42");
        }
        await Stop(after, found, graceSeconds: 5);
        await NothingRemains();
    }

    [Fact]
    public async Task A_terminal_ends_with_its_shell_and_says_the_last_words_first()
    {
        ISpawner spawner = Open();
        SpawnedKernel terminal = await Start(spawner, Terminal());
        using HolderTalk talk = await HolderTalk.With(terminal);
        await talk.Type("echo bye-$((1 + 1)); exit 3\n");
        await talk.Until("bye-2\r\n");
        await talk.UntilEnd();
        Assert.Equal(3, talk.Exit);
        Assert.Equal((KernelExitCause.Exited, 3), await Wait(spawner, terminal) is var exit ? (exit.Cause, exit.Code) : default);
        await Stop(spawner, terminal);
        await NothingRemains();
    }

    [Fact]
    public async Task A_flood_waits_for_its_reader_keeps_a_bounded_end_and_is_stopped_by_a_key()
    {
        SpawnedKernel terminal = await Start(Open(), Terminal());
        using HolderTalk talk = await HolderTalk.With(terminal);
        await talk.Type("yes\n");
        await talk.Until(string.Concat(Enumerable.Repeat("y\r\n", 100_000)));
        Assert.Equal(0, talk.Missed);
        await talk.Type("\u0003");
        await talk.Type("echo over-$((20 + 1))\n");
        await talk.Until("over-21");
        using HolderTalk later = await HolderTalk.With(terminal);
        Assert.InRange(talk.Next - later.First, 1, Scrollback);
        // Nothing is sent twice to who says what it has.
        using HolderTalk exact = await HolderTalk.With(terminal, talk.Next);
        Assert.Equal(talk.Next, exact.First);
    }

    [Fact]
    public async Task What_speaks_wrongly_to_a_terminal_is_cut_off_and_the_terminal_lives()
    {
        SpawnedKernel terminal = await Start(Open(), Terminal());
        foreach ((char kind, byte[] payload) in new[] { ('I', "echo no\n"u8.ToArray()), ('?', []), ('A', [1, 2]), ('S', new byte[5]) })
        {
            using System.Net.Sockets.Socket raw = new(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
            await raw.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(TerminalProgram.SocketOf(terminal)));
            await raw.SendAsync((byte[])[(byte)kind, 0, 0, 0, (byte)payload.Length, .. payload]);
            Assert.Equal(0, await Testing.Eventually.Comes(raw.ReceiveAsync(new byte[1])));
        }
        using (HolderTalk talk = await HolderTalk.With(terminal))
        {
            await talk.Send('I', new byte[TerminalProgram.MaxFrame + 1]);
            while ((await talk.Receive()).Kind != '\0')
            {
            }
        }
        using HolderTalk fine = await HolderTalk.With(terminal);
        await fine.Type("echo fine-$((1 + 1))\n");
        await fine.Until("fine-2");
    }

    [Fact]
    public async Task A_terminal_without_python_is_refused_by_the_name_of_what_is_missing()
    {
        SpawnException failed = await Assert.ThrowsAsync<SpawnException>(() => Start(Open(), Terminal(python: "/no/such/python3")));
        Assert.Equal(SpawnFailure.CommandNotFound, failed.Failure);
        await NothingRemains();
    }
}
