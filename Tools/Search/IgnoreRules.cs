namespace Gateway.Tools.Search;

/// <summary>What is left out of a search in one folder, as ripgrep has it: by its own files of patterns (<c>.rgignore</c>, <c>.ignore</c>), and
/// in a repository by git's (<c>.gitignore</c>, <c>.git/info/exclude</c>, the user's own). Patterns of a deeper folder go before those of the
/// folders above it.</summary>
internal sealed class IgnoreRules
{
    private readonly IgnoreRules? _above;
    private readonly string _folder;
    private readonly IgnoreFile?[] _own;
    private readonly IgnoreFile? _git;
    private readonly IgnoreFile?[] _repository = [];

    private IgnoreRules(IgnoreRules? above, string folder, string? users)
    {
        (_above, _folder) = (above, folder);
        _own = [IgnoreFile.Read(Path.Combine(folder, ".rgignore")), IgnoreFile.Read(Path.Combine(folder, ".ignore"))];
        _git = IgnoreFile.Read(Path.Combine(folder, ".gitignore"));
        IsRepository = Path.Exists(Path.Combine(folder, ".git"));
        InRepository = IsRepository || above?.InRepository == true;
        if (IsRepository) _repository = [IgnoreFile.Read(Path.Combine(folder, ".git", "info", "exclude")), users is null ? null : IgnoreFile.Read(users)];
    }

    /// <summary>Whether the folder lies in a git repository.</summary>
    public bool InRepository { get; }

    private bool IsRepository { get; }

    /// <summary>The rules of a folder and of those above it.</summary>
    /// <param name="folder">Absolute path.</param>
    /// <param name="users">The user's own file for all repositories; null for none.</param>
    public static IgnoreRules Of(string folder, string? users) => new(Path.GetDirectoryName(folder) is { } above ? Of(above, users) : null, folder, users);

    /// <summary>The rules of a folder in this one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="users">The user's own file for all repositories; null for none.</param>
    public IgnoreRules Enter(string name, string? users) => new(this, Path.Combine(_folder, name), users);

    /// <summary>Whether a file or folder in this folder is left out; null: nothing is said of it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="isFolder">Whether it is a folder.</param>
    public bool? LeavesOut(string name, bool isFolder) => Ask(0, name, isFolder) ?? Ask(1, name, isFolder) ?? AskGit(name, isFolder);

    private bool? Ask(int own, string name, bool isFolder)
    {
        string path = name;
        for (var rules = this; rules is not null; path = Path.GetFileName(rules._folder) + "/" + path, rules = rules._above)
            if (rules._own[own]?.LeavesOut(name, path, isFolder) is { } said) return said;
        return null;
    }

    // Only up to the repository that the folder belongs to; without one, git's files mean nothing.
    private bool? AskGit(string name, bool isFolder)
    {
        if (!InRepository) return null;
        string path = name;
        for (var rules = this; rules is not null; path = Path.GetFileName(rules._folder) + "/" + path, rules = rules._above)
        {
            if (rules._git?.LeavesOut(name, path, isFolder) is { } said) return said;
            if (!rules.IsRepository) continue;
            foreach (var file in rules._repository)
                if (file?.LeavesOut(name, path, isFolder) is { } also) return also;
            return null;
        }

        return null;
    }
}
