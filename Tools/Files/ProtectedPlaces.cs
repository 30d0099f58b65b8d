using System.Collections.Immutable;

namespace Gateway.Tools.Files;

/// <summary>The one list of files that only the user changes, by what makes them so. Names are relative to a home; each stands for a file, or
/// for a folder and all that is in it.</summary>
internal static class ProtectedPlaces
{
    private const string AskThem = "Ask the user to change it";

    /// <summary>Files of a HERMES_HOME.</summary>
    public static ImmutableArray<ProtectedPlace> OfHermes { get; } =
    [
        new("holds the settings of this program, which decide what runs without asking", "Only the user changes it: with `hermes config set KEY VALUE` or an editor. Tell them what to change", "config.yaml"),
        new("holds keys and passwords", AskThem, ".env", ".anthropic_oauth.json", "auth"),
        new("holds logins for models", "Only the user changes it: with `hermes setup` or `hermes model`", "auth.json", "auth.lock"),
        new("holds logins for MCP servers", "Only the user changes it: by logging in to the server again", "mcp-tokens"),
        new("decides which hooks may run", "Only the user changes it: by agreeing to a hook when it is asked about", "shell-hooks-allowlist.json"),
        new("holds all conversations", "They are stored by this program alone", "state.db", "state.db-wal", "state.db-shm", "state.db-journal"),
        new("holds the scheduled jobs, which run unattended", "Use the cronjob tool", "cron"),
        new("holds programs that run by themselves", "Only the user installs them", "hooks", "plugins", "bin", "node"),
        new("says which processes run and which are in use", "It is written by the programs that it is about", "gateway_turns.lock", "gateway.lock", "gateway.pid", "gateway_state.json", "processes.json"),
        new("says what happened", "It is written by the programs that it is about", "logs"),
        new("decides which settings are in effect", AskThem, "active_profile", ".managed"),
    ];

    /// <summary>Files of the user's home that hold keys or passwords; those of SSH are protected for another reason.</summary>
    public static ProtectedPlace KeysOfUser { get; } = new("holds keys or passwords", AskThem,
        ".gnupg", ".aws", ".kube", ".docker", ".azure", ".oci", ".config/gh", ".config/glab-cli", ".config/gcloud", ".config/rclone", ".config/hub",
        ".config/doctl", ".netrc", ".pgpass", ".my.cnf", ".mylogin.cnf", ".git-credentials", ".password-store", ".local/share/keyrings", ".boto",
        ".s3cfg", ".terraformrc", ".terraform.d", ".vault-token", ".cargo/credentials", ".cargo/credentials.toml", ".gem/credentials",
        ".claude/.credentials.json", ".codex/auth.json");

    /// <summary>Files of the user's home.</summary>
    public static ImmutableArray<ProtectedPlace> OfUser { get; } =
    [
        new("is read by every new shell", AskThem,
            ".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".bash_aliases", ".bashrc.d", ".profile", ".zshrc", ".zshenv", ".zprofile", ".zlogin", ".zlogout",
            ".oh-my-zsh", ".config/fish", ".kshrc", ".mkshrc", ".cshrc", ".tcshrc", ".login", ".logout", ".inputrc", ".config/nushell", ".config/elvish", ".elvish",
            ".xonshrc", ".config/xonsh", ".config/powershell", ".cargo/env", ".mavenrc", ".config/starship.toml", ".direnvrc", ".config/direnv"),
        new("is read at every login", AskThem,
            ".xprofile", ".xsessionrc", ".xsession", ".xinitrc", ".xserverrc", ".pam_environment", ".config/environment.d", ".config/plasma-workspace", ".config/autostart",
            ".config/autostart-scripts", ".config/systemd", ".local/share/systemd", ".local/share/dbus-1", ".config/user-tmpfiles.d", ".config/i3", ".config/sway", ".config/hypr",
            ".config/openbox", "Library/LaunchAgents"),
        new("names programs that the desktop starts", AskThem, ".local/share/applications", ".config/mimeapps.list", ".mailcap"),
        new("names programs that git runs", "Use `git config` in the terminal, or ask the user to change it", ".gitconfig", ".config/git"),
        new("decides who may log in", AskThem, ".ssh", ".rhosts", ".shosts", ".k5login"),
        KeysOfUser,
        new("steers a package manager or compiler, and may hold its keys", AskThem,
            ".npmrc", ".pypirc", ".config/pip", ".pip", ".config/uv", ".config/pypoetry", ".yarnrc", ".yarnrc.yml", ".config/yarn", ".bunfig.toml", ".condarc", ".cargo/config",
            ".cargo/config.toml", ".gradle/init.gradle", ".gradle/init.gradle.kts", ".gradle/init.d", ".gradle/gradle.properties", ".m2/settings.xml", ".m2/settings-security.xml",
            ".bundle/config", ".gemrc", ".composer/auth.json", ".config/composer", ".nuget/NuGet", ".config/NuGet", ".config/go"),
        new("is run when an editor or another program starts", AskThem,
            ".vimrc", ".gvimrc", ".vim", ".exrc", ".config/nvim", ".config/vim", ".emacs", ".emacs.el", ".emacs.d", ".config/emacs", ".config/helix", ".config/kak", ".config/micro",
            ".config/Code/User", ".gdbinit", ".gdbearlyinit", ".config/gdb", ".lldbinit", ".tmux.conf", ".config/tmux", ".screenrc", ".Rprofile", ".Renviron", ".irbrc", ".pryrc",
            ".pdbrc", ".pdbrc.py", ".ipython", ".jupyter", ".julia/config", ".sqliterc", ".psqlrc", ".lessfilter", ".wgetrc", ".curlrc", ".ackrc", ".selected_editor", ".forward",
            ".procmailrc"),
    ];

    /// <summary>Files of the system, by absolute paths.</summary>
    public static ImmutableArray<ProtectedPlace> OfSystem { get; } =
    [
        new("decides who may do what on this machine", AskThem, "/etc/sudoers", "/etc/sudoers.d", "/etc/passwd", "/etc/shadow"),
        new("names services that the system starts", AskThem, "/etc/systemd"),
        new("holds jobs that the system runs", AskThem, "/var/spool/cron", "/var/spool/at"),
    ];
}

/// <summary>Files that are protected for one reason.</summary>
/// <param name="Holds">What they are, as the end of a sentence that begins with the name.</param>
/// <param name="Way">What to do instead.</param>
/// <param name="Names">Their names.</param>
internal sealed record ProtectedPlace(string Holds, string Way, params string[] Names);
