using System.Text.Json;
using Gateway.Config;

namespace Gateway.Tools.Skills;

/// <summary>What a skill needs and what of it is missing, after the user was asked.</summary>
/// <param name="Variables">The variables it wants.</param>
/// <param name="Missing">Names of those it cannot do without that are not set.</param>
/// <param name="MissingFiles">Files with credentials that are not there.</param>
/// <param name="Skipped">Whether the user was asked and gave nothing.</param>
/// <param name="Problem">Why a value could not be stored; null when nothing went wrong.</param>
/// <param name="Hint">What to do where nobody can be asked; null when somebody can, or nothing is missing.</param>
/// <param name="Help">Where the missing comes from; null when the skill does not say.</param>
internal sealed record SkillSetup(
    IReadOnlyList<SkillVariable> Variables, IReadOnlyList<string> Missing, IReadOnlyList<string> MissingFiles, bool Skipped, string? Problem, string? Hint, string? Help)
{
    /// <summary>Whether something is missing.</summary>
    public bool IsNeeded => Missing.Count > 0 || MissingFiles.Count > 0;

    /// <summary>Asks for what is missing and lets the commands of the conversation have what is there. Values go into .env and nowhere
    /// else.</summary>
    /// <exception cref="OperationCanceledException">The turn was interrupted while the user was asked.</exception>
    public static async Task<SkillSetup> PrepareAsync(Skill skill, GatewayEnvironment environment, ToolContext context, CancellationToken cancellationToken)
    {
        var variables = SkillNeeds.Variables(skill.FrontMatter);
        var missing = new List<string>();
        string? problem = null;
        bool skipped = false;
        foreach (var variable in variables)
        {
            if (environment.Get(variable.Name) is { } set)
            {
                context.State.Skills.Allow(variable.Name, set);
                continue;
            }

            if (variable.IsOptional) continue;
            if (context.Questions is { } user && !context.State.Skills.IsDeclined(variable.Name) && problem is null)
            {
                string? value = (await user.SecretAsync(variable.Name, variable.Prompt, cancellationToken))?.Trim();
                if (!string.IsNullOrEmpty(value))
                {
                    problem = Store(environment, variable.Name, value);
                    if (problem is null)
                    {
                        context.State.Skills.Allow(variable.Name, value);
                        continue;
                    }
                }
                else
                {
                    context.State.Skills.Decline(variable.Name);
                }
            }

            skipped |= context.State.Skills.IsDeclined(variable.Name);
            missing.Add(variable.Name);
        }

        string[] files = [.. SkillNeeds.CredentialFiles(skill.FrontMatter).Where(file => !File.Exists(Path.Combine(environment.HermesHome, environment.ExpandHome(file))))];
        string? hint = missing.Count > 0 && context.Questions is null
            ? $"Nobody can be asked for them here. The user can put them into {environment.DotEnvPath}, one NAME=value a line, and start anew."
            : null;
        string? help = missing.Count + files.Length == 0
            ? null
            : skill.FrontMatter.Find("setup", "help").AsText() ?? variables.FirstOrDefault(variable => missing.Contains(variable.Name))?.Help;
        return new SkillSetup(variables, missing, files, skipped, problem, hint, help);
    }

    /// <summary>Writes the members about it.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray("required_environment_variables");
        foreach (var variable in Variables)
        {
            json.WriteStartObject();
            json.WriteString("name", variable.Name);
            json.WriteString("prompt", variable.Prompt);
            if (variable.Help is not null) json.WriteString("help", variable.Help);
            if (variable.RequiredFor is not null) json.WriteString("required_for", variable.RequiredFor);
            if (variable.IsOptional) json.WriteBoolean("optional", true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        ToolJson.Strings(json, "required_commands", []);
        ToolJson.Strings(json, "missing_required_environment_variables", Missing);
        ToolJson.Strings(json, "missing_credential_files", MissingFiles);
        ToolJson.Strings(json, "missing_required_commands", []);
        json.WriteBoolean("setup_needed", IsNeeded);
        json.WriteBoolean("setup_skipped", Skipped);
        json.WriteString("readiness_status", IsNeeded ? "setup_needed" : "available");
        if (Help is not null) json.WriteString("setup_help", Help);
        if (IsNeeded) json.WriteString("setup_note", Note());
        if (Hint is not null) json.WriteString("gateway_setup_hint", Hint);
    }

    private string Note()
    {
        string what = string.Join(", ", Missing.Select(name => $"variable {name}").Concat(MissingFiles.Select(file => $"file {file}")));
        string note = $"This skill is not set up: missing are {what}. Tell the user what is missing rather than work around it.";
        return Problem is null ? note : $"{note} A value was given, but not stored: {Problem}";
    }

    private static string? Store(GatewayEnvironment environment, string name, string value)
    {
        try
        {
            environment.DotEnv.Set(name, value);
            return null;
        }
        catch (ConfigEditException exception)
        {
            return exception.Message;
        }
    }
}
