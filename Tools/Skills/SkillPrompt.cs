using System.Text;
using Gateway.Config;

namespace Gateway.Tools.Skills;

/// <summary>The list of skills as a part of the prompt (AGENT.md section 2, item 9).</summary>
internal static class SkillPrompt
{
    private const int LongestDescription = 60;

    /// <summary>The part; null when no skill is to be listed.</summary>
    /// <param name="skills">The skills that can be used.</param>
    /// <param name="categories">What categories are about, by name; null for none.</param>
    public static string? Build(IReadOnlyList<Skill> skills, IReadOnlyDictionary<string, string>? categories = null)
    {
        if (skills.Count == 0) return null;
        var text = new StringBuilder("## Skills (mandatory)\n");
        text.Append("Before you answer, look through the skills below. When one is about what you are asked for, even in part, read it with skill_view and work as it says; it holds what was learned about this kind of work here.\n");
        text.Append("<available_skills>\n");
        foreach (var category in skills.GroupBy(skill => string.IsNullOrEmpty(skill.Category) ? "general" : skill.Category).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            text.Append("  ").Append(category.Key).Append(':');
            if (categories?.GetValueOrDefault(category.Key) is { Length: > 0 } about) text.Append(' ').Append(about);
            text.Append('\n');
            foreach (var skill in category.OrderBy(skill => skill.Name, StringComparer.Ordinal)) text.Append("    - ").Append(skill.Name).Append(": ").Append(Cut(skill.Description)).Append('\n');
        }

        return text.Append("</available_skills>\nWhen none of them fits, go on without one.").ToString();
    }

    /// <summary>The skills that belong into the list beside the tools on offer (CONFIG.md 10).</summary>
    public static IReadOnlyList<Skill> Fitting(IReadOnlyList<Skill> skills, IReadOnlyCollection<ITool> tools)
    {
        HashSet<string> names = [.. tools.Select(tool => tool.Name)], toolsets = [.. tools.Select(tool => tool.Toolset)];
        return [.. skills.Where(skill => SkillNeeds.Fits(skill.FrontMatter, names, toolsets))];
    }

    private static string Cut(string text)
    {
        if (text.Length <= LongestDescription) return text;
        int end = LongestDescription - 3;
        return text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)] + "...";
    }
}
