using Web.Pages;

namespace Hub.Auth.OpenIdConnect;

/// <summary>What people read when a sign-in by a provider came to nothing: what happened, why perhaps, what to do. Details are for the log.</summary>
internal static class RefusalPages
{
    private const string Again = "Try to sign in again.";

    public static MessageView Of(PageFrame frame, OpenIdRefusal refusal, OpenIdProvider provider, string reference)
    {
        string name = provider.DisplayName;
        string tell = "If it stays so, tell the person who runs this hub, with the reference below.";
        (string title, string what, string[] causes, string[] tries, int status) = refusal switch
        {
            OpenIdRefusal.ProviderAway => (
                $"{name} does not answer", $"This hub cannot reach {name} at the moment, so it cannot ask who you are.",
                new[] { $"{name} is down, or slow.", "The network between this hub and it is broken." },
                new[] { "Try again in a minute.", "Sign in with a user name and a password, if you have one here.", tell }, StatusCodes.Status503ServiceUnavailable),
            OpenIdRefusal.ProviderDenied => (
                $"{name} did not let you in", $"{name} did not say who you are.",
                new[] { "You did not agree that this hub may know who you are.", $"Your account at {name} may not use this hub." },
                new[] { Again, $"Ask whoever looks after {name}." }, StatusCodes.Status403Forbidden),
            OpenIdRefusal.UnknownAnswer => (
                "This sign-in is not known", "The page you came from does not belong to a sign-in that began here a short while ago.",
                new[] { "You took longer than this hub waits.", "The address was copied from another page, or kept as a bookmark." }, new[] { Again }, StatusCodes.Status400BadRequest),
            OpenIdRefusal.OtherBrowser => (
                "This sign-in did not begin in this browser", "A sign-in must end in the browser in which it began, and can be used one time.",
                new[] { "The page was reloaded, or opened again from the history.", "Cookies are switched off.", "Somebody sent you a link: do not use it." },
                new[] { Again, "Allow cookies for this hub." }, StatusCodes.Status400BadRequest),
            OpenIdRefusal.UsedAnswer => (
                "This sign-in was used already", $"An answer of {name} can be used one time, and only for a short while.",
                new[] { "The page was reloaded, or opened again from the history." }, new[] { Again }, StatusCodes.Status400BadRequest),
            OpenIdRefusal.NotBelieved => (
                "You could not be signed in", $"What came from {name} does not prove who you are.",
                new[] { "A clock is wrong, here or there.", $"The settings of this hub do not fit those of {name}.", "Somebody tried to make you sign in as somebody else." },
                new[] { Again, tell }, StatusCodes.Status403Forbidden),
            OpenIdRefusal.NotAllowed => (
                "You may not use this hub", $"{name} knows you, but you are not among the people this hub is for.",
                new[] { "It is for people of certain groups or e-mail addresses only.", $"You are signed in to {name} under another name than you think.", $"Your e-mail address is not confirmed at {name}." },
                new[] { $"Sign out of {name}, and sign in as the right person.", "Ask the person who runs this hub to let you in." }, StatusCodes.Status403Forbidden),
            OpenIdRefusal.NotKnown => (
                "You have no account here yet", $"{name} knows you, but nobody new is let in by it.",
                new[] { "Accounts are made by an administrator here.", "You have an account with a password, which is not connected yet." },
                new[] { "Ask the person who runs this hub for an account.", $"If you have one, sign in with its password and connect it with {name} at the page Password." }, StatusCodes.Status403Forbidden),
            OpenIdRefusal.NoName => (
                "You have no name here", $"{name} gave no name that could be a user name of this hub.",
                new[] { $"Your profile at {name} has no user name.", "This hub looks for the name in the wrong place." }, new[] { tell }, StatusCodes.Status403Forbidden),
            OpenIdRefusal.NameTaken => (
                "Somebody has your name", "There is an account of your name already, and nothing says that it is yours.",
                new[] { "It is yours, from before.", $"It belongs to somebody else, who is not you at {name}." },
                new[] { $"If it is yours, sign in with its password and connect it with {name} at the page Password.", "Else ask the person who runs this hub." }, StatusCodes.Status409Conflict),
            OpenIdRefusal.Disabled => (
                "Your account is disabled", "You have an account here, but it was switched off.", [], new[] { "Ask the person who runs this hub." }, StatusCodes.Status403Forbidden),
            OpenIdRefusal.OtherAccount => (
                "You are somebody else already", $"Who you are at {name} belongs to another account of this hub.",
                new[] { $"You signed in with {name} before, and got an account by it." }, new[] { $"Sign out, and sign in with {name}.", "Ask the person who runs this hub which account should stay." },
                StatusCodes.Status409Conflict),
            OpenIdRefusal.SignInChanged => (
                "Nothing was connected", "You were signed out, or somebody else signed in, before you came back.", [], new[] { "Sign in, and connect the account again at the page Password." },
                StatusCodes.Status403Forbidden),
            _ => (
                $"{name} answered something unexpected", $"{name} and this hub do not understand each other.",
                new[] { $"The settings of this hub do not fit those of {name}." }, new[] { "Sign in with a user name and a password, if you have one here.", tell }, StatusCodes.Status502BadGateway),
        };
        return new MessageView(frame, title, what, causes, tries, [new PageLink("Go to the sign-in page", frame.SignIn)], status, reference);
    }
}
