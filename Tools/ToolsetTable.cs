using System.Collections.Immutable;

namespace Gateway.Tools;

/// <summary>A named group of tools.</summary>
/// <param name="Name">Its name in configuration.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Members">Names of its tools, sorted; also of those that only other programs have.</param>
internal sealed record Toolset(string Name, string Description, ImmutableArray<string> Members)
{
    /// <summary>Whether it can be switched by itself.</summary>
    public bool IsConfigurable { get; init; }

    /// <summary>Whether it stays off unless it is named.</summary>
    public bool IsOffByDefault { get; init; }
}

/// <summary>The toolsets that configuration may name (WIRE.md 19.1). Other programs share them, so that all are known here.</summary>
internal static class ToolsetTable
{
    private const string Core =
        "web_search web_extract terminal process read_file write_file patch search_files vision_analyze image_generate skills_list skill_view skill_manage "
        + "browser_navigate browser_snapshot browser_click browser_type browser_scroll browser_back browser_press browser_get_images browser_vision browser_console browser_cdp browser_dialog "
        + "text_to_speech todo memory session_search clarify execute_code delegate_task cronjob send_message " + Home;

    private const string Home = "ha_list_entities ha_get_state ha_list_services ha_call_service";
    private const string Feishu = "feishu_doc_read feishu_drive_list_comments feishu_drive_list_comment_replies feishu_drive_reply_comment feishu_drive_add_comment";
    private const string Yuanbao = "yb_query_group_info yb_query_group_members yb_send_dm yb_search_sticker yb_send_sticker";

    /// <summary>All of them, by name.</summary>
    public static ImmutableArray<Toolset> All { get; } =
    [
        .. new[]
        {
            Switch("browser", "drives a web page and searches the web", "browser_navigate browser_snapshot browser_click browser_type browser_scroll browser_back browser_press browser_get_images browser_vision browser_console browser_cdp browser_dialog web_search"),
            Switch("clarify", "asks the user", "clarify"),
            Switch("code_execution", "runs scripts that call tools", "execute_code"),
            Switch("cronjob", "keeps scheduled tasks", "cronjob"),
            Switch("delegation", "hands tasks to subagents", "delegate_task"),
            Switch("discord", "reads and writes Discord", "discord", off: true),
            Switch("discord_admin", "looks after Discord servers", "discord_admin", off: true),
            Switch("file", "reads, writes, changes and searches files", "read_file write_file patch search_files"),
            Switch("homeassistant", "talks to Home Assistant", Home, off: true),
            Switch("image_gen", "makes images", "image_generate"),
            Switch("memory", "keeps notes from one conversation to the next", "memory"),
            Switch("messaging", "sends messages to chats", "send_message"),
            Switch("moa", "asks several models at once", "mixture_of_agents", off: true),
            Switch("rl", "runs reinforcement learning", "rl_list_environments rl_select_environment rl_get_current_config rl_edit_config rl_start_training rl_check_status rl_stop_training rl_get_results rl_list_runs rl_test_inference", off: true),
            Switch("session_search", "looks things up in earlier conversations", "session_search"),
            Switch("skills", "lists, reads and keeps skills", "skills_list skill_view skill_manage"),
            Switch("spotify", "plays music", "spotify_playback spotify_devices spotify_queue spotify_search spotify_playlists spotify_albums spotify_library", off: true),
            Switch("terminal", "runs commands and looks after processes", "terminal process"),
            Switch("todo", "keeps a list of tasks", "todo"),
            Switch("tts", "speaks", "text_to_speech"),
            Switch("vision", "looks at images", "vision_analyze"),
            Switch("web", "searches the web and reads pages", "web_search web_extract"),
            Switch("yuanbao", "talks to Yuanbao", Yuanbao),
            Group("debugging", "looks for faults: commands, files and the web", "terminal process web_search web_extract read_file write_file patch search_files"),
            Group("feishu_doc", "reads Feishu documents", "feishu_doc_read"),
            Group("feishu_drive", "reads and writes comments in Feishu", "feishu_drive_list_comments feishu_drive_list_comment_replies feishu_drive_reply_comment feishu_drive_add_comment"),
            Group("safe", "works without commands and files: the web and images", "web_search web_extract vision_analyze image_generate"),
            Group("search", "searches the web and reads no pages", "web_search"),
            Group("hermes-acp", "for editors", Without(Core, "clarify cronjob image_generate send_message text_to_speech " + Home)),
            Group("hermes-api-server", "for callers over HTTP", Without(Core, "clarify send_message text_to_speech")),
            Group("hermes-discord", "for Discord", Core + " discord discord_admin"),
            Group("hermes-feishu", "for Feishu", Core + " " + Feishu),
            Group("hermes-yuanbao", "for Yuanbao", Core + " " + Yuanbao),
            Group("hermes-gateway", "for every messaging platform", Core + " discord discord_admin " + Feishu + " " + Yuanbao),
        }.Concat(
            "cli cron telegram whatsapp slack signal bluebubbles homeassistant email sms mattermost matrix dingtalk wecom wecom-callback weixin qqbot webhook".Split(' ')
                .Select(platform => Group("hermes-" + platform, platform == "cli" ? "for the terminal" : $"for {platform}", Core)))
            .OrderBy(toolset => toolset.Name, StringComparer.Ordinal),
    ];

    private static Toolset Switch(string name, string description, string members, bool off = false) =>
        Group(name, description, members) with { IsConfigurable = true, IsOffByDefault = off };

    private static Toolset Group(string name, string description, string members) =>
        new(name, description, [.. members.Split(' ').Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);

    private static string Without(string members, string others) => string.Join(' ', members.Split(' ').Except(others.Split(' ')));
}
