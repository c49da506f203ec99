using System.Collections.Immutable;
using Hub.Kernels;
using Wire.Jupyter;
using Xunit;
using static Hub.Tests.Kernels.Said;

namespace Hub.Tests.Kernels;

/// <summary>The rules for what was under way when the hub before this one ended.</summary>
public sealed class RestoredStateTests
{
    private static readonly TabId Ada = new("ada", "tab-1");
    private static readonly TabId Ada2 = new("ada", "tab-2");

    [Fact]
    public void What_an_adopted_kernel_says_for_a_tab_that_is_not_back_yet_is_kept_for_it()
    {
        Room room = Adopted();
        room.Do(new KernelEvent.Answered(false, []));
        ImmutableArray<KernelEffect> effects = room.Hear(Reply("m-old", session: "tab-1"));
        Assert.Equal(Ada, Assert.IsType<KernelEffect.ExpectTab>(effects[0]).Tab);
        Assert.Equal(Ada, Assert.IsType<KernelEffect.SendToTab>(effects[1]).Tab);
    }

    [Fact]
    public void A_request_from_before_a_restart_of_the_hub_is_answered_to_its_tab()
    {
        Room room = Adopted(Open("m1"));
        room.Do(new KernelEvent.Answered(false, []));
        Assert.Equal(Ada, Assert.IsType<KernelEffect.SendToTab>(Assert.Single(room.Hear(Reply("m1")))).Tab);
        room.Hear(Status("idle", "m1"));
        Assert.Empty(room.State.Pending);
    }

    [Fact]
    public void What_became_idle_while_no_hub_was_there_is_answered_by_the_hub_at_once()
    {
        Room room = Adopted(Open("m1") with { BusySeen = true, IdleSeen = true, ExecutionCount = 3 });
        KernelEffect.Complete complete = Assert.IsType<KernelEffect.Complete>(Assert.Single(room.Do(new KernelEvent.Answered(false, []))));
        Assert.Equal((Ada, "m1", 3), (complete.Tab, complete.Request.MessageId, complete.Request.ExecutionCount));
        Assert.Empty(room.State.Pending);
    }

    [Fact]
    public void A_reply_that_went_to_nobody_is_made_up_for_two_ticks_after_the_idle()
    {
        Room room = Adopted(Open("m1"));
        room.Do(Probe("p1"));
        room.Do(new KernelEvent.Answered(false, []));
        room.Hear(Status("idle", "m1"));
        Assert.True(room.State.NeedsTick);
        Assert.Empty(room.Do(new KernelEvent.Tick()));
        Assert.True(Assert.IsType<KernelEffect.Complete>(Assert.Single(room.Do(new KernelEvent.Tick()))).Request.IdleSeen);
    }

    [Fact]
    public void A_reply_that_comes_after_the_hub_made_one_up_is_not_a_second_one()
    {
        Room room = Adopted(Open("m1"));
        room.Do(Probe("p1"));
        room.Do(new KernelEvent.Answered(false, []));
        room.Hear(Status("idle", "m1"));
        room.Do(new KernelEvent.Tick());
        Assert.IsType<KernelEffect.Complete>(Assert.Single(room.Do(new KernelEvent.Tick())));
        Assert.Empty(room.Hear(Reply("m1", session: "tab-1")));
        // Only once: what the kernel says twice is its own affair.
        Assert.NotEmpty(room.Hear(Reply("m1", session: "tab-1")));
    }

    [Fact]
    public void What_never_reached_the_kernel_ends_when_the_kernel_has_answered_two_questions_and_did_nothing_between_them()
    {
        Room room = Adopted(Open("m1"), Open("m2") with { IsInOrder = false });
        room.Do(Probe("p1"));
        room.Do(new KernelEvent.Answered(false, [], null, "p1"));
        for (int i = 0; i < 5; i++)
            Assert.Empty(room.Do(new KernelEvent.Tick()));
        AnswerProbe(room, "p1");
        Assert.IsType<KernelEffect.Probe>(Assert.Single(room.Do(new KernelEvent.Tick())));
        room.Do(Probe("p2"));
        AnswerProbe(room, "p2");
        Assert.Empty(room.Do(new KernelEvent.Tick()));
        Assert.Equal("m1", Assert.IsType<KernelEffect.Complete>(Assert.Single(room.Do(new KernelEvent.Tick()))).Request.MessageId);
        // A subshell answers when it likes.
        Assert.Equal("m2", Assert.Single(room.State.Pending.Values, pending => pending.IsRestored).MessageId);
    }

    [Fact]
    public void What_still_waits_in_the_connection_of_the_killed_hub_is_not_given_up()
    {
        Room room = Adopted(Open("m1"), Open("m2"), Open("m3"));
        room.Do(Probe("p0"));
        room.Do(new KernelEvent.Answered(false, []));
        AnswerProbe(room, "p0");
        // ZeroMQ takes from each connection in turn: one of the old ones, one of ours.
        for (int i = 1; i <= 3; i++)
        {
            Assert.IsType<KernelEffect.Probe>(Assert.Single(room.Do(new KernelEvent.Tick())));
            room.Do(Probe($"p{i}"));
            room.Hear(Status("busy", $"m{i}"));
            for (int tick = 0; tick < 3; tick++)
                Assert.Empty(room.Do(new KernelEvent.Tick()));
            room.Hear(Reply($"m{i}"));
            room.Hear(Status("idle", $"m{i}"));
            AnswerProbe(room, $"p{i}");
        }

        Assert.Empty(room.State.Pending);
        Assert.IsType<KernelEffect.Probe>(Assert.Single(room.Do(new KernelEvent.Tick())));
        room.Do(Probe("p4"));
        AnswerProbe(room, "p4");
        Assert.False(room.State.NeedsTick);
    }

    [Fact]
    public void What_the_killed_hub_itself_had_asked_shows_that_more_of_its_requests_may_wait()
    {
        Room room = Adopted(Open("m1"));
        room.Do(Probe("p1"));
        room.Do(new KernelEvent.Answered(false, []));
        AnswerProbe(room, "p1");
        room.Do(Probe("p2"));
        room.Hear(StatusOf("busy", "of the killed", Room.HubSession));
        room.Hear(StatusOf("idle", "of the killed", Room.HubSession));
        AnswerProbe(room, "p2");
        Assert.IsType<KernelEffect.Probe>(Assert.Single(room.Do(new KernelEvent.Tick())));
        Assert.Contains("m1", room.State.Pending.Keys);
    }

    [Fact]
    public void What_ended_before_the_kernel_answered_is_not_given_up_while_iopub_lags_behind_shell()
    {
        Room room = Adopted(Open("m1"));
        room.Do(Probe("p1"));
        room.Do(new KernelEvent.Answered(false, []));
        room.Hear(Reply("p1", "kernel_info_reply", session: Room.HubSession));
        for (int i = 0; i < 10; i++)
            Assert.Empty(room.Do(new KernelEvent.Tick()));
        room.Hear(Status("idle", "m1"));
        room.Hear(Status("idle", "p1"));
        Assert.IsType<KernelEffect.Probe>(Assert.Single(room.Do(new KernelEvent.Tick())));
        Assert.True(Assert.IsType<KernelEffect.Complete>(room.Do(new KernelEvent.Tick())[^1]).Request.IdleSeen);
    }

    [Fact]
    public void What_no_idle_ever_follows_ends_after_a_while_also_when_the_kernel_says_no_idle_at_all()
    {
        Room room = Adopted(Open("m1"));
        room.Do(Probe("p1"));
        room.Do(new KernelEvent.Answered(false, []));
        room.Hear(Reply("p1", "kernel_info_reply", session: Room.HubSession));
        for (int i = 0; i <= KernelState.MaxUnheardTicks; i++)
            Assert.Empty(room.Do(new KernelEvent.Tick()));
        Assert.False(Assert.IsType<KernelEffect.Complete>(Assert.Single(room.Do(new KernelEvent.Tick()))).Request.IdleSeen);
        Assert.False(room.State.NeedsTick);
    }

    [Fact]
    public void A_kernel_that_answers_before_the_hub_knows_it_for_busy_is_not_busy()
    {
        Room room = Adopted(Open("m1"));
        room.Do(Probe("p1"));
        AnswerProbe(room, "p1");
        room.Do(new KernelEvent.Answered(false, [], null, "p1"));
        Assert.Equal("idle", room.State.ExecutionState);
    }

    [Fact]
    public void A_request_the_killed_hub_did_not_write_down_is_known_until_the_kernel_is_heard_out()
    {
        Room room = Adopted();
        room.Do(Probe("p1"));
        room.Do(new KernelEvent.Answered(false, []));
        AnswerProbe(room, "p1");
        room.Do(Probe("p2"));
        room.Hear(StatusOf("busy", "m1", "tab-1"));
        Assert.True(room.State.Pending["m1"].IsRestored);
        room.Hear(Reply("m1"));
        room.Hear(Status("idle", "m1"));
        AnswerProbe(room, "p2");
        room.Do(Probe("p3"));
        AnswerProbe(room, "p3");
        room.Hear(StatusOf("busy", "m2", "tab-1"));
        Assert.Empty(room.State.Pending);
    }

    [Fact]
    public void A_request_the_killed_hub_did_not_write_down_is_known_by_the_kernels_status()
    {
        Room room = Adopted();
        room.Do(new KernelEvent.Answered(false, [], null, "probe"));
        room.Hear(MessageFacts.OfKernel(Status("busy", "x").Message));
        Assert.Empty(room.State.Pending);
        ImmutableArray<KernelEffect> effects = room.Hear(StatusOf("busy", "m1", "tab-1"));
        Assert.Equal(Ada, Assert.IsType<KernelEffect.ExpectTab>(effects[0]).Tab);
        Assert.True(Assert.Single(room.State.Pending).Value.IsRestored);
        Assert.Equal(Ada, Assert.IsType<KernelEffect.SendToTab>(Assert.Single(room.Hear(Reply("m1")))).Tab);
    }

    [Fact]
    public void A_prompt_from_before_a_restart_of_the_hub_is_asked_again_or_of_another_tab_of_the_owner()
    {
        Room room = new(answered: false);
        room.Do(new KernelEvent.Launched(Room.KernelSession, Room.HubSession, Adopted: true));
        room.Do(new KernelEvent.Restored([Open("m1")], [new PendingInput(Prompt("p1", "m1"), "m1", ImmutableDictionary<TabId, long>.Empty.Add(Ada, 7))], [Ada]));
        room.Do(new KernelEvent.Answered(false, [], null, "probe"));
        Assert.Equal(Ada2, Assert.IsType<KernelEffect.SendToTab>(Assert.Single(room.Do(new KernelEvent.TabJoined(Ada2, 1, 9)))).Tab);
        Assert.Equal(Ada, Assert.IsType<KernelEffect.SendToTab>(Assert.Single(room.Do(new KernelEvent.TabJoined(Ada, 2, 9)))).Tab);
        Assert.IsType<KernelEffect.SendToKernel>(Assert.Single(room.Answer(Ada2, "p1")));
    }

    [Fact]
    public void While_the_record_of_what_was_said_meanwhile_is_read_nothing_counts_as_lost()
    {
        Room room = CatchingUp(Open("m1"), Open("m2"));
        room.Do(Probe("p1"));
        room.Do(new KernelEvent.Answered(false, []));
        for (int i = 0; i < 5; i++)
            Assert.Empty(room.Do(new KernelEvent.Tick()));
        room.Hear(Status("idle", "m1"));
        AnswerProbe(room, "p1");
        for (int i = 0; i < 5; i++)
            Assert.Empty(room.Do(new KernelEvent.Tick()));
        Assert.Empty(room.Do(new KernelEvent.CaughtUp()));
        Assert.IsType<KernelEffect.Probe>(Assert.Single(room.Do(new KernelEvent.Tick())));
        room.Do(Probe("p2"));
        AnswerProbe(room, "p2");
        KernelEffect.Complete[] ended = [.. Enumerable.Range(0, 2).SelectMany(_ => room.Do(new KernelEvent.Tick())).Cast<KernelEffect.Complete>().OrderBy(complete => complete.Request.MessageId)];
        Assert.Equal([("m1", true), ("m2", false)], ended.Select(complete => (complete.Request.MessageId, complete.Request.IdleSeen)));
    }

    [Fact]
    public void A_request_the_killed_hub_did_not_write_down_is_known_by_the_record_also_after_the_kernel_has_answered()
    {
        Room room = CatchingUp();
        room.Do(new KernelEvent.Answered(false, []));
        room.Hear(StatusOf("busy", "m1", "tab-1"));
        Assert.True(Assert.Single(room.State.Pending).Value.IsRestored);
    }

    [Fact]
    public void That_output_may_be_missing_is_told_with_each_cell_that_ran_meanwhile_and_with_no_other_request()
    {
        Room room = CatchingUp(Open("m1"), Open("m2") with { MessageType = MessageTypes.CompleteRequest });
        KernelEffect.Tell told = Assert.IsType<KernelEffect.Tell>(Assert.Single(room.Do(new KernelEvent.OutputMissing("nobody listened"))));
        Assert.Equal(Ada, told.Tab);
        Assert.Contains("nobody listened", told.Text, StringComparison.Ordinal);
    }

    private static KernelEvent.HubAsked Probe(string id) => new(Asked(new TabId("", Room.HubSession), id, "kernel_info_request"), IsProbe: true);

    private static void AnswerProbe(Room room, string id)
    {
        room.Hear(Status("busy", id));
        room.Hear(Reply(id, "kernel_info_reply", session: Room.HubSession));
        room.Hear(Status("idle", id));
    }

    private static Room Adopted(params PendingRequest[] open)
    {
        Room room = CatchingUp(open);
        room.Do(new KernelEvent.CaughtUp());
        return room;
    }

    private static Room CatchingUp(params PendingRequest[] open)
    {
        Room room = new(answered: false);
        room.Do(new KernelEvent.Launched(Room.KernelSession, Room.HubSession, Adopted: true));
        room.Do(new KernelEvent.Restored([.. open], [], []));
        return room;
    }

    private static PendingRequest Open(string id) => new()
    {
        Tab = Ada,
        MessageId = id,
        Channel = KernelChannel.Shell,
        MessageType = MessageTypes.ExecuteRequest,
        Header = Asked(Ada, id).Message.Header,
        AllowStdin = true,
        IsRestored = true,
    };
}
