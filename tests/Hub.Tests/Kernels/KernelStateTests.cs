using System.Collections.Immutable;
using Hub.Kernels;
using Wire.Jupyter;
using Xunit;
using static Hub.Tests.Kernels.Said;

namespace Hub.Tests.Kernels;

/// <summary>The rules of who hears what, one by one, without a socket.</summary>
public sealed class KernelStateTests
{
    private static readonly TabId Ada = new("ada", "tab-1");
    private static readonly TabId Ada2 = new("ada", "tab-2");
    private static readonly TabId Guest = new("guest", "tab-3");

    [Fact]
    public void A_reply_goes_only_to_the_tab_that_asked()
    {
        Room room = new Room().Join(Ada).Join(Ada2);
        room.Ask(Ada, "m1");
        KernelEffect effect = Assert.Single(room.Hear(Reply("m1")));
        Assert.Equal(Ada, Assert.IsType<KernelEffect.SendToTab>(effect).Tab);
    }

    [Fact]
    public void Output_that_takes_the_short_way_would_have_changed_nothing()
    {
        Room room = new Room().Join(Ada);
        room.Ask(Ada, "m1");
        Assert.IsType<KernelEffect.SendToAll>(Assert.Single(room.Hear(Output("m1", "a"))));
        Assert.True(room.State.PassesOutputOn);
        KernelState before = room.State;
        Assert.IsType<KernelEffect.SendToAll>(Assert.Single(room.Hear(Output("m1", "b"))));
        Assert.Same(before, room.State);
        foreach (string type in new[] { MessageTypes.DisplayData, MessageTypes.UpdateDisplayData, MessageTypes.ExecuteResult, MessageTypes.ClearOutput })
        {
            MessageFacts said = Output("m1", "c", type);
            Assert.True(KernelState.IsMereOutput(said.Message));
            Assert.IsType<KernelEffect.SendToAll>(Assert.Single(room.Hear(said)));
            Assert.Same(before, room.State);
        }

        room.Do(new KernelEvent.Died());
        Assert.False(room.State.PassesOutputOn);
    }

    [Fact]
    public void A_control_request_that_ends_while_a_cell_runs_leaves_the_kernel_busy_for_the_pages()
    {
        Room room = new Room().Join(Ada);
        room.Ask(Ada, "cell");
        room.Hear(Status("busy", "cell"));
        room.Hear(Status("busy", "debug", "debug_request"));
        ImmutableArray<KernelEffect> effects = room.Hear(Status("idle", "debug", "debug_request"));
        Assert.IsType<KernelEffect.SendToAll>(effects[0]);
        Assert.Equal(new KernelEffect.SayState("busy"), effects[1]);
        Assert.IsType<KernelEffect.SendToAll>(Assert.Single(room.Hear(Status("idle", "cell"))));
    }

    [Fact]
    public void A_reply_is_kept_in_the_journal_also_for_a_tab_that_left_for_good()
    {
        Room room = new Room().Join(Ada).Join(Ada2);
        room.Ask(Ada, "m1");
        room.Do(new KernelEvent.TabLeft(Ada, 1));
        room.Do(new KernelEvent.TabForgotten(Ada));
        Assert.Equal(Ada, Assert.IsType<KernelEffect.SendToTab>(Assert.Single(room.Hear(Reply("m1")))).Tab);
    }

    [Fact]
    public void A_tab_that_is_away_for_a_moment_still_gets_its_reply()
    {
        Room room = new Room().Join(Ada);
        room.Ask(Ada, "m1");
        room.Do(new KernelEvent.TabLeft(Ada, 1));
        Assert.IsType<KernelEffect.SendToTab>(Assert.Single(room.Hear(Reply("m1"))));
    }

    [Fact]
    public void A_reply_to_a_request_from_before_a_restart_of_the_hub_finds_its_tab_by_session()
    {
        Room room = new Room().Join(Ada).Join(Ada2);
        KernelEffect effect = Assert.Single(room.Hear(Reply("m-old", session: Ada2.ClientId)));
        Assert.Equal(Ada2, Assert.IsType<KernelEffect.SendToTab>(effect).Tab);
    }

    [Fact]
    public void A_reply_to_nobody_blames_the_kernel() =>
        Assert.IsType<KernelEffect.BlameKernel>(Assert.Single(new Room().Join(Ada).Hear(Reply("m-unknown", session: "nobody"))));

    [Fact]
    public void The_same_msg_id_from_another_tab_is_refused_while_the_first_is_open()
    {
        Room room = new Room().Join(Ada).Join(Ada2);
        room.Ask(Ada, "m1");
        Assert.Equal("DuplicateMessageId", Assert.IsType<KernelEffect.Refuse>(Assert.Single(room.Ask(Ada2, "m1"))).Name);
        // From the same tab an error reply would be taken for the answer to the first.
        Assert.IsType<KernelEffect.Tell>(Assert.Single(room.Ask(Ada, "m1")));
        room.Hear(Status("idle", "m1"));
        room.Hear(Reply("m1"));
        Assert.IsType<KernelEffect.SendToKernel>(Assert.Single(room.Ask(Ada2, "m1")));
    }

    [Theory]
    [InlineData(KernelChannel.Control, "execute_request")]
    [InlineData(KernelChannel.Shell, "debug_request")]
    [InlineData(KernelChannel.Shell, "execute_reply")]
    [InlineData(KernelChannel.Shell, "surprise_request")]
    public void What_does_not_belong_on_a_channel_is_refused_with_a_reason(KernelChannel channel, string type)
    {
        KernelEffect.Refuse refused = Assert.IsType<KernelEffect.Refuse>(Assert.Single(new Room().Join(Ada).Do(new KernelEvent.TabAsked(Ada, Asked(Ada, "m1", type, channel)))));
        Assert.Contains(type == "surprise_request" ? "Kernels:AllowedMessageTypes" : type, refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_may_allow_more_types() =>
        Assert.IsType<KernelEffect.SendToKernel>(Assert.Single(
            new Room(new KernelsOptions { AllowedMessageTypes = "surprise_request other" }).Join(Ada).Do(new KernelEvent.TabAsked(Ada, Asked(Ada, "m1", "surprise_request")))));

    [Fact]
    public void Open_requests_are_bounded_per_tab_and_the_limit_is_named()
    {
        Room room = new Room(new KernelsOptions { MaxPendingPerTab = 2 }).Join(Ada).Join(Ada2);
        room.Ask(Ada, "m1");
        room.Ask(Ada, "m2");
        Assert.Contains("Kernels:MaxPendingPerTab", Assert.IsType<KernelEffect.Refuse>(Assert.Single(room.Ask(Ada, "m3"))).Reason, StringComparison.Ordinal);
        Assert.IsType<KernelEffect.SendToKernel>(Assert.Single(room.Ask(Ada2, "m4")));
        room.Hear(Reply("m1"));
        room.Hear(Status("idle", "m1"));
        Assert.IsType<KernelEffect.SendToKernel>(Assert.Single(room.Ask(Ada, "m5")));
    }

    [Fact]
    public void The_state_is_busy_while_any_tracked_request_is()
    {
        Room room = new Room().Join(Ada);
        room.Ask(Ada, "m1");
        room.Ask(Ada, "m2");
        room.Hear(Status("busy", "m1"));
        room.Hear(Status("busy", "m2"));
        room.Hear(Status("idle", "m1"));
        Assert.Equal("busy", room.State.ExecutionState);
        room.Hear(Status("idle", "m2"));
        Assert.Equal("idle", room.State.ExecutionState);
    }

    [Fact]
    public void What_front_ends_ask_by_themselves_makes_nobody_busy()
    {
        Room room = new Room().Join(Ada);
        room.Hear(Status("busy", "m1", "kernel_info_request"));
        Assert.Equal("idle", room.State.ExecutionState);
    }

    [Theory]
    [InlineData("dead")]
    [InlineData("restarting")]
    [InlineData("")]
    public void A_kernel_may_not_say_what_only_the_hub_says(string state) =>
        Assert.IsType<KernelEffect.BlameKernel>(Assert.Single(new Room().Join(Ada).Hear(Status(state, "m1"))));

    [Fact]
    public void A_prompt_nobody_is_here_for_waits_for_the_owners_next_tab()
    {
        Room room = new Room().Join(Ada);
        room.Ask(Ada, "m1");
        room.Do(new KernelEvent.TabLeft(Ada, 1));
        room.Do(new KernelEvent.TabForgotten(Ada));
        Assert.Equal(Ada, Assert.IsType<KernelEffect.SendToTab>(Assert.Single(room.Hear(Prompt("p1", "m1")))).Tab);
        Assert.Empty(room.Do(new KernelEvent.TabJoined(Guest, 8)));
        Assert.Equal(Ada2, Assert.IsType<KernelEffect.SendToTab>(Assert.Single(room.Do(new KernelEvent.TabJoined(Ada2, 9)))).Tab);
        Assert.IsType<KernelEffect.Tell>(Assert.Single(room.Answer(Guest, "p1")));
        Assert.IsType<KernelEffect.SendToKernel>(Assert.Single(room.Answer(Ada2, "p1")));
        Assert.IsType<KernelEffect.Tell>(Assert.Single(room.Answer(Ada2, "p1")));
    }

    [Theory]
    // It says it has the prompt; the prompt comes anyway; nobody knows whether it arrived.
    [InlineData(9, true, false)]
    [InlineData(5, false, false)]
    [InlineData(7, false, true)]
    public void A_tab_that_returns_is_asked_again_unless_it_has_the_prompt_or_is_given_it(long cursor, bool isSure, bool again)
    {
        Room room = new Room().Join(Ada);
        room.Ask(Ada, "m1");
        room.Hear(Prompt("p1", "m1"));
        room.Do(new KernelEvent.PromptSent("p1", Ada, 7));
        room.Do(new KernelEvent.TabLeft(Ada, 1));
        Assert.Equal(again ? 1 : 0, room.Do(new KernelEvent.TabJoined(Ada, 2, cursor, isSure)).Length);
        Assert.IsType<KernelEffect.SendToKernel>(Assert.Single(room.Answer(Ada, "p1")));
    }

    [Fact]
    public void Of_two_tabs_that_were_asked_the_first_answer_counts()
    {
        Room room = new Room().Join(Ada).Join(Ada2);
        room.Ask(Ada, "m1");
        room.Hear(Prompt("p1", "m1"));
        Assert.Equal(Ada2, Assert.IsType<KernelEffect.SendToTab>(Assert.Single(room.Do(new KernelEvent.TabLeft(Ada, 1)))).Tab);
        room.Do(new KernelEvent.TabJoined(Ada, 3));
        Assert.IsType<KernelEffect.SendToKernel>(Assert.Single(room.Answer(Ada, "p1")));
        Assert.IsType<KernelEffect.Tell>(Assert.Single(room.Answer(Ada2, "p1")));
    }

    [Fact]
    public void A_kernel_that_prompts_again_and_again_although_it_must_not_is_interrupted()
    {
        Room room = new Room().Join(Ada);
        room.Do(new KernelEvent.TabAsked(Ada, Asked(Ada, "m1", allowStdin: false)));
        for (int i = 0; i < KernelState.MaxPromptsAnswered; i++)
            Assert.IsType<KernelEffect.AnswerPrompt>(Assert.Single(room.Hear(Prompt($"p{i}", "m1"))));
        Assert.IsType<KernelEffect.Interrupt>(Assert.Single(room.Hear(Prompt("p", "m1"))));
    }

    [Fact]
    public void A_prompt_ends_with_its_request()
    {
        Room room = new Room().Join(Ada);
        room.Ask(Ada, "m1");
        room.Hear(Prompt("p1", "m1"));
        room.Hear(Reply("m1"));
        Assert.Empty(room.State.Prompts);
    }

    [Fact]
    public void An_unknown_subshell_is_refused_because_kernels_never_answer_it()
    {
        Room room = new Room(hasSubshells: true).Join(Ada);
        Assert.Equal("SubshellNotFound", Assert.IsType<KernelEffect.Refuse>(Assert.Single(room.Do(new KernelEvent.TabAsked(Ada, Asked(Ada, "m1", subshell: "s1"))))).Name);
        room.Do(new KernelEvent.TabAsked(Ada, Asked(Ada, "m2", "create_subshell_request", KernelChannel.Control)));
        room.Hear(Reply("m2", "create_subshell_reply", KernelChannel.Control, """{"status":"ok","subshell_id":"s1"}"""));
        Assert.IsType<KernelEffect.SendToKernel>(Assert.Single(room.Do(new KernelEvent.TabAsked(Ada, Asked(Ada, "m3", subshell: "s1")))));
        room.Do(new KernelEvent.TabAsked(Ada, Asked(Ada, "m4", "delete_subshell_request", KernelChannel.Control, """{"subshell_id":"s1"}""")));
        room.Hear(Reply("m4", "delete_subshell_reply", KernelChannel.Control));
        Assert.IsType<KernelEffect.Refuse>(Assert.Single(room.Do(new KernelEvent.TabAsked(Ada, Asked(Ada, "m5", subshell: "s1")))));
    }

    [Fact]
    public void A_kernel_without_subshells_may_ignore_the_field() =>
        Assert.IsType<KernelEffect.SendToKernel>(Assert.Single(new Room().Join(Ada).Do(new KernelEvent.TabAsked(Ada, Asked(Ada, "m1", subshell: "s1")))));

    [Fact]
    public void A_restart_ends_open_requests_and_holds_new_ones()
    {
        Room room = new Room().Join(Ada).Join(Ada2);
        room.Ask(Ada, "m1");
        KernelEffect.Abort aborted = Assert.IsType<KernelEffect.Abort>(Assert.Single(room.Do(new KernelEvent.Restarting())));
        Assert.Equal(Ada, aborted.Tab);
        Assert.Equal("restarting", room.State.ExecutionState);
        Assert.Empty(room.Ask(Ada, "m2"));
        Assert.Empty(room.Ask(Ada2, "m3"));
        room.Do(new KernelEvent.Launched("life-2", "hub-2"));
        ImmutableArray<KernelEffect> ready = room.Do(new KernelEvent.Answered(false, []));
        Assert.Equal(["starting", "m2", "m3"], ready.Select(e => e switch { KernelEffect.SayState said => said.State, KernelEffect.SendToKernel sent => sent.Asked.Header.MessageId, _ => "?" }));
        Assert.Equal("life-2", room.State.Session);
    }

    [Fact]
    public void What_waits_for_a_starting_kernel_is_bounded_in_bytes()
    {
        Room room = new Room(new KernelsOptions { MaxUnsentBytes = 2_000 }).Join(Ada);
        room.Do(new KernelEvent.Restarting());
        Assert.Empty(room.Ask(Ada, "m1"));
        KernelEffect.Refuse refused = Assert.IsType<KernelEffect.Refuse>(Assert.Single(
            room.Do(new KernelEvent.TabAsked(Ada, Asked(Ada, "m2", content: $$"""{"code":"{{new string('x', 3_000)}}"}""")))));
        Assert.Contains("Kernels:MaxUnsentBytes", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Front_ends_see_the_kernels_own_session_or_the_hubs_when_it_echoes()
    {
        Room own = new(answered: false);
        own.Hear(Status("starting", null, session: "kernel-own"));
        own.Do(new KernelEvent.Answered(false, []));
        Assert.Equal("kernel-own", own.State.Session);

        Room echo = new(answered: false);
        echo.Hear(Status("busy", "q", session: Room.HubSession));
        echo.Do(new KernelEvent.Answered(false, []));
        Assert.Equal(Room.KernelSession, echo.State.Session);
    }

    [Fact]
    public void An_adopted_kernel_that_does_not_answer_counts_as_busy_until_it_does()
    {
        Room room = new(answered: false);
        MessageFacts probe = Asked(new TabId("", Room.HubSession), "probe", "kernel_info_request");
        room.Do(new KernelEvent.HubAsked(probe));
        room.Do(new KernelEvent.Answered(false, [], null, "probe"));
        Assert.Equal("busy", room.State.ExecutionState);
        Assert.IsType<KernelEffect.HandToHub>(Assert.Single(room.Hear(Reply("probe", "kernel_info_reply", session: Room.HubSession))));
        Assert.Equal("idle", room.State.ExecutionState);
    }

    [Fact]
    public void An_aborted_cell_without_status_is_said_idle_after_two_ticks()
    {
        Room room = new Room().Join(Ada);
        room.Ask(Ada, "m1");
        room.Hear(Reply("m1", content: """{"status":"abort"}"""));
        Assert.True(room.State.NeedsTick);
        Assert.Empty(room.Do(new KernelEvent.Tick()));
        Assert.IsType<KernelEffect.SayIdle>(Assert.Single(room.Do(new KernelEvent.Tick())));
        Assert.False(room.State.NeedsTick);
        Assert.Empty(room.State.Pending);
    }

    [Fact]
    public void An_aborted_cell_whose_status_comes_later_needs_no_word_of_the_hub()
    {
        Room room = new Room().Join(Ada);
        room.Ask(Ada, "m1");
        room.Hear(Reply("m1", content: """{"status":"aborted"}"""));
        room.Hear(Status("busy", "m1"));
        Assert.False(room.State.NeedsTick);
        room.Hear(Status("idle", "m1"));
        Assert.Empty(room.State.Pending);
    }

    [Fact]
    public void A_dead_kernel_answers_every_request_with_the_advice_to_restart()
    {
        Room room = new Room().Join(Ada);
        room.Ask(Ada, "m1");
        ImmutableArray<KernelEffect> death = room.Do(new KernelEvent.Died());
        Assert.IsType<KernelEffect.Abort>(death[0]);
        Assert.Equal("dead", Assert.IsType<KernelEffect.SayState>(death[1]).State);
        Assert.Equal("KernelDead", Assert.IsType<KernelEffect.Refuse>(Assert.Single(room.Ask(Ada, "m2"))).Name);
        Assert.Equal("dead", room.State.ExecutionState);
    }

    [Fact]
    public void A_connection_that_was_replaced_takes_nothing_along_when_it_ends()
    {
        Room room = new Room().Join(Ada);
        Assert.Equal(1, Assert.IsType<KernelEffect.CloseReplaced>(Assert.Single(room.Do(new KernelEvent.TabJoined(Ada, 2)))).Connection);
        room.Do(new KernelEvent.TabLeft(Ada, 1));
        Assert.True(room.State.Tabs[Ada].IsHere);
    }

    [Fact]
    public void Guests_are_not_asked_what_the_owners_cell_asks()
    {
        Room room = new Room().Join(Ada).Join(Guest);
        room.Ask(Ada, "m1");
        room.Do(new KernelEvent.TabLeft(Ada, 1));
        KernelEffect.SendToTab kept = Assert.IsType<KernelEffect.SendToTab>(Assert.Single(room.Hear(Prompt("p1", "m1"))));
        Assert.Equal(Ada, kept.Tab);
    }

    [Fact]
    public void Output_costs_no_memory_in_the_rules()
    {
        Room room = new Room().Join(Ada);
        room.Ask(Ada, "m1");
        KernelEvent said = new KernelEvent.KernelSaid(Output("m1"));
        KernelState state = room.State;
        state.Apply(said);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
            state.Apply(said);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_question_about_comms_is_answered_by_the_hub_only_while_a_cell_runs()
    {
        CommAnswer known = new(KernelChannel.Shell, "comm_info_reply", default, []);
        Room room = new Room(hasSubshells: true).Join(Ada).Join(Ada2);
        room.Do(new KernelEvent.TabAsked(Ada2, Asked(Ada2, "create", "create_subshell_request", KernelChannel.Control, "{}")));
        room.Hear(Reply("create", "create_subshell_reply", KernelChannel.Control, """{"status":"ok","subshell_id":"sub"}"""));
        Assert.IsType<KernelEffect.SendToKernel>(Question("q1"));
        room.Ask(Ada, "m1");
        KernelEffect.AnswerComm answer = Assert.IsType<KernelEffect.AnswerComm>(Question("q2"));
        Assert.Equal((Ada2, known), (answer.Tab, answer.Answer));
        Assert.False(room.State.Pending.ContainsKey("q2"));
        Assert.IsType<KernelEffect.SendToKernel>(Assert.Single(room.Do(new KernelEvent.TabAsked(Ada2, Asked(Ada2, "q3", "comm_info_request")))));
        // A subshell answers while the main one works.
        Assert.IsType<KernelEffect.SendToKernel>(Question("q4", "sub"));
        room.Hear(Status("idle", "m1"));
        Assert.IsType<KernelEffect.SendToKernel>(Question("q5"));
        // A cell in a subshell keeps nobody from an answer.
        room.Do(new KernelEvent.TabAsked(Ada, Asked(Ada, "m2", subshell: "sub")));
        Assert.IsType<KernelEffect.SendToKernel>(Question("q6"));

        KernelEffect Question(string id, string? subshell = null) =>
            Assert.Single(room.Do(new KernelEvent.TabAsked(Ada2, Asked(Ada2, id, "comm_info_request", subshell: subshell), known)));
    }
}
