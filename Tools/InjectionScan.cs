using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Gateway.Tools;

/// <summary>Looks for words that try to take over the model, in text that strangers or earlier conversations wrote (AGENT.md 2.1, 12 and 14).</summary>
internal static partial class InjectionScan
{
    private static readonly ImmutableArray<(string Id, Regex Pattern)> Threats =
    [
        ("prompt_injection", PromptInjection()),
        ("deception_hide", DeceptionHide()),
        ("sys_prompt_override", SystemPromptOverride()),
        ("disregard_rules", DisregardRules()),
        ("bypass_restrictions", BypassRestrictions()),
        ("html_comment_injection", HtmlCommentInjection()),
        ("hidden_div", HiddenDiv()),
        ("translate_execute", TranslateExecute()),
        ("exfil_curl", ExfilCurl()),
        ("read_secrets", ReadSecrets()),
    ];

    private static readonly ImmutableArray<(string Id, Regex Pattern)> OfMemory =
    [
        .. Threats.Where(threat => threat.Id is not ("html_comment_injection" or "hidden_div" or "translate_execute")),
        ("role_hijack", RoleHijack()),
        ("exfil_wget", ExfilWget()),
        ("ssh_backdoor", SshBackdoor()),
        ("ssh_access", SshAccess()),
        ("hermes_env", HermesEnv()),
        ("read_secrets", ReadTokens()),
    ];

    private static readonly ImmutableArray<(string Id, Regex Pattern)> OfJobs =
    [
        ("prompt_injection", WordyInjection()),
        ("deception_hide", DeceptionHide()),
        ("sys_prompt_override", SystemPromptOverride()),
        ("disregard_rules", DisregardRules()),
        ("exfil_curl", ExfilCurl()),
        ("exfil_wget", ExfilWget()),
        ("read_secrets", ReadSecrets()),
        ("read_secrets", ReadTokens()),
        ("ssh_backdoor", SshBackdoor()),
        ("sudoers_mod", Sudoers()),
        ("destructive_root_rm", RemoveRoot()),
    ];

    /// <summary>What is suspicious in a file that becomes part of the prompt; empty when nothing is.</summary>
    public static IReadOnlyList<string> OfContext(string text) => Find(text, Threats);

    /// <summary>What is suspicious in a note that is to be remembered; empty when nothing is.</summary>
    public static IReadOnlyList<string> OfNote(string text) => Find(text, OfMemory);

    /// <summary>What is suspicious in the prompt of a job that runs with nobody watching; empty when nothing is.</summary>
    public static IReadOnlyList<string> OfSchedule(string text) => Find(text, OfJobs);

    private static List<string> Find(string text, ImmutableArray<(string Id, Regex Pattern)> threats)
    {
        var found = new List<string>();
        foreach (char character in text.Where(IsInvisible).Distinct()) found.Add(string.Create(CultureInfo.InvariantCulture, $"invisible unicode U+{(int)character:X4}"));
        foreach (var (id, pattern) in threats)
        {
            try
            {
                if (pattern.IsMatch(text)) found.Add(id);
            }
            catch (RegexMatchTimeoutException)
            {
                // A text that makes the check take seconds was made to do so.
                found.Add(id);
            }
        }

        return found;
    }

    private static bool IsInvisible(char c) => c is '\u200B' or '\u200C' or '\u200D' or '\u2060' or '\uFEFF' or (>= '\u202A' and <= '\u202E');

    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"ignore\s+(previous|all|above|prior)\s+instructions", Options, 2000)]
    private static partial Regex PromptInjection();

    [GeneratedRegex(@"do\s+not\s+tell\s+the\s+user", Options, 2000)]
    private static partial Regex DeceptionHide();

    [GeneratedRegex(@"system\s+prompt\s+override", Options, 2000)]
    private static partial Regex SystemPromptOverride();

    [GeneratedRegex(@"disregard\s+(your|all|any)\s+(instructions|rules|guidelines)", Options, 2000)]
    private static partial Regex DisregardRules();

    [GeneratedRegex(@"act\s+as\s+(if|though)\s+you\s+(have\s+no|don't\s+have)\s+(restrictions|limits|rules)", Options, 2000)]
    private static partial Regex BypassRestrictions();

    [GeneratedRegex(@"<!--[^>]*(?:ignore|override|system|secret|hidden)[^>]*-->", Options, 2000)]
    private static partial Regex HtmlCommentInjection();

    [GeneratedRegex(@"<\s*div\s+style\s*=\s*[""'][\s\S]*?display\s*:\s*none", Options, 2000)]
    private static partial Regex HiddenDiv();

    [GeneratedRegex(@"translate\s+.*\s+into\s+.*\s+and\s+(execute|run|eval)", Options, 2000)]
    private static partial Regex TranslateExecute();

    [GeneratedRegex(@"curl\s+[^\n]*\$\{?\w*(KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL|API)", Options, 2000)]
    private static partial Regex ExfilCurl();

    [GeneratedRegex(@"cat\s+[^\n]*(\.env|credentials|\.netrc|\.pgpass)", Options, 2000)]
    private static partial Regex ReadSecrets();

    [GeneratedRegex(@"you\s+are\s+now\s+", Options, 2000)]
    private static partial Regex RoleHijack();

    [GeneratedRegex(@"wget\s+[^\n]*\$\{?\w*(KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL|API)", Options, 2000)]
    private static partial Regex ExfilWget();

    [GeneratedRegex(@"authorized_keys", Options, 2000)]
    private static partial Regex SshBackdoor();

    [GeneratedRegex(@"\$HOME/\.ssh|\~/\.ssh", Options, 2000)]
    private static partial Regex SshAccess();

    [GeneratedRegex(@"\$HOME/\.hermes/\.env|\~/\.hermes/\.env", Options, 2000)]
    private static partial Regex HermesEnv();

    [GeneratedRegex(@"cat\s+[^\n]*(\.npmrc|\.pypirc)", Options, 2000)]
    private static partial Regex ReadTokens();

    [GeneratedRegex(@"ignore\s+(?:\w+\s+)*(?:previous|all|above|prior)\s+(?:\w+\s+)*instructions", Options, 2000)]
    private static partial Regex WordyInjection();

    [GeneratedRegex(@"/etc/sudoers|visudo", Options, 2000)]
    private static partial Regex Sudoers();

    [GeneratedRegex(@"rm\s+-rf\s+/", Options, 2000)]
    private static partial Regex RemoveRoot();
}
