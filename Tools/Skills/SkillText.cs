using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Gateway.Config;
using Gateway.Processes;
using Gateway.Tools.Approvals;

namespace Gateway.Tools.Skills;

/// <summary>Fills in the instructions of a skill (CONFIG.md 10, rendering): its variables and, where the user wants that, the output of
/// commands.</summary>
/// <param name="settings">The section <c>skills</c> of config.yaml.</param>
/// <param name="environment">What commands run with.</param>
/// <param name="children">Starts them.</param>
/// <param name="gate">Judges them like those of the terminal.</param>
internal sealed partial class SkillText(ConfigNode settings, IReadOnlyDictionary<string, string> environment, ChildProcesses children, ApprovalGate gate)
{
    private const int LongestOutput = 4000;
    private const int DefaultSeconds = 10;

    /// <summary>The text as the model reads it.</summary>
    /// <param name="text">The text of the skill.</param>
    /// <param name="skill">The skill.</param>
    /// <param name="context">For whom.</param>
    /// <param name="cancellationToken">The user's interruption.</param>
    public async Task<string> RenderAsync(string text, Skill skill, ToolContext context, CancellationToken cancellationToken)
    {
        if (settings.Find("template_vars").AsBool(true))
        {
            text = text.Replace("${HERMES_SKILL_DIR}", skill.Directory, StringComparison.Ordinal)
                .Replace("${HERMES_SESSION_ID}", context.SessionKey, StringComparison.Ordinal);
        }

        if (!settings.Find("inline_shell").AsBool(false)) return text;
        var result = new StringBuilder();
        int kept = 0;
        foreach (Match match in Inline().Matches(text))
        {
            result.Append(text, kept, match.Index - kept).Append(await RunAsync(match.Groups[1].Value.Trim(), skill.Directory, context, cancellationToken));
            kept = match.Index + match.Length;
        }

        return result.Append(text, kept, text.Length - kept).ToString();
    }

    private async Task<string> RunAsync(string command, string directory, ToolContext context, CancellationToken cancellationToken)
    {
        int seconds = settings.Find("inline_shell_timeout").AsInt() is > 0 and var configured ? configured : DefaultSeconds;
        if (ExecutablePath.Find("bash", environment.GetValueOrDefault("PATH")) is not { } bash) return "[inline-shell error: bash is not installed]";
        var decision = await gate.CheckAsync(new(command) { Directory = directory, Variables = environment, UnexpectedDirectory = directory }, context.Approvals, context.Auxiliary, cancellationToken);
        if (decision.Refusal is { } refusal) return $"[inline-shell error: {refusal}]";
        try
        {
            var result = await children.RunAsync(
                new ChildStart
                {
                    Path = bash,
                    Arguments = ["-c", command],
                    Environment = environment,
                    WorkingDirectory = directory,
                    MergeStandardError = true,
                    OutputLimit = new OutputLimit(LongestOutput, 0),
                    Timeout = TimeSpan.FromSeconds(seconds),
                },
                cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            if (result.TimedOut) return string.Create(CultureInfo.InvariantCulture, $"[inline-shell timeout after {seconds}s: {command}]");
            return result.Output.ToText((_, _) => "...[truncated]").TrimEnd('\n');
        }
        catch (ChildStartException failure)
        {
            return $"[inline-shell error: {failure.Message}]";
        }
    }

    [GeneratedRegex("!`([^`\n]+)`")]
    private static partial Regex Inline();
}
