using System.Text;
using Gateway.Config;

namespace Gateway.Tools.Skills;

/// <summary>The list of skills as a part of the prompt (AGENT.md section 2, item 9).</summary>
internal static class SkillPrompt
{
    /// <summary>The part; null when no skill is installed.</summary>
    public static string? Build(IReadOnlyList<Skill> skills)
    {
        if (skills.Count == 0) return null;
        var text = new StringBuilder("## Skills (mandatory)\n");
        text.Append("Before you answer, look through the skills below. When one is about what you are asked for, even in part, read it with skill_view and work as it says; it holds what was learned about this kind of work here.\n");
        text.Append("<available_skills>\n");
        foreach (var category in skills.GroupBy(skill => string.IsNullOrEmpty(skill.Category) ? "general" : skill.Category).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            text.Append("  ").Append(category.Key).Append(":\n");
            foreach (var skill in category.OrderBy(skill => skill.Name, StringComparer.Ordinal)) text.Append("    - ").Append(skill.Name).Append(": ").Append(skill.Description).Append('\n');
        }

        return text.Append("</available_skills>\nWhen none of them fits, go on without one.").ToString();
    }
}
