using System.Collections.Frozen;

namespace Gateway.Tools.Approvals;

/// <summary>How a program reads its options, as far as rules look at them.</summary>
internal sealed record OptionGrammar
{
    /// <summary>Most options of a kind that are kept of one command.</summary>
    public const int Most = 64;

    /// <summary>Letters that take a value: the rest of their word, or the next one.</summary>
    public string WithValue { get; init; } = "";

    /// <summary>Letters that take the rest of their word, if there is one, as in <c>sed -i.bak</c>.</summary>
    public string WithSuffix { get; init; } = "";

    /// <summary>Letters that are shown at the end of the others.</summary>
    public string Last { get; init; } = "";

    /// <summary>Letters with a value that are shown right after the name.</summary>
    public string Leading { get; init; } = "";

    /// <summary>Long options, separated by blanks, the ones that rules look for first: they may be abbreviated. With <c>=</c> at the end: takes a value.</summary>
    public string Names { get; init; } = "";

    /// <summary>Long options that are shown right after the name.</summary>
    public IReadOnlyList<string> LeadingNames { get; init; } = [];

    /// <summary>Whether options end at the first operand, which is a script.</summary>
    public bool StopsAtOperand { get; init; }

    /// <summary>Whether words such as <c>-w</c> and <c>-rwx</c> are modes.</summary>
    public bool HasModes { get; init; }

    /// <summary>Whether words that begin with + are options.</summary>
    public bool HasPlus { get; init; }

    /// <summary>Whether words such as <c>-9</c> and <c>-KILL</c> are signals.</summary>
    public bool HasSignals { get; init; }

    /// <summary>Letters whose value is a command.</summary>
    public string CommandLetters { get; init; } = "";

    /// <summary>Long options whose value is a command.</summary>
    public IReadOnlyList<string> CommandNames { get; init; } = [];

    private IEnumerable<string> Known => Names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => "--" + name);

    /// <summary>A long option in full; unchanged when it is not known.</summary>
    public string Complete(string name)
    {
        string[] known = [.. Known.Select(one => one.TrimEnd('='))];
        return known.Contains(name) || name.Length < 3 ? name : known.FirstOrDefault(one => one.StartsWith(name, StringComparison.Ordinal)) ?? name;
    }

    /// <summary>Whether a long option takes a value.</summary>
    public bool TakesValue(string name) => Known.Contains(name + "=");

    /// <summary>The grammar of a program; null when no rule looks at its options.</summary>
    /// <param name="name">Name of the program, for git with its subcommand (<c>git push</c>).</param>
    public static OptionGrammar? Of(string name)
    {
        if (Programs.TryGetValue(name, out var grammar)) return grammar;
        return name.StartsWith("python", StringComparison.Ordinal) || name.StartsWith("pypy", StringComparison.Ordinal) ? Python : null;
    }

    private static OptionGrammar Python { get; } = new() { WithValue = "cmWX", Leading = "c", StopsAtOperand = true, Names = "check-hash-based-pycs=" };

    private static OptionGrammar Owners { get; } = new() { Last = "R", Names = "recursive from= reference=", LeadingNames = ["--recursive"] };

    private static OptionGrammar Shells { get; } = new()
    {
        WithValue = "coO",
        Leading = "c",
        StopsAtOperand = true,
        HasPlus = true,
        Names = "command= rcfile= init-file= init-command=",
    };

    private static OptionGrammar Lists { get; } = new() { WithValue = "dnOsuCc", CommandLetters = "C" };

    private static OptionGrammar Fetches { get; } = new() { WithValue = "jo", CommandNames = ["upload-pack", "exec"], Names = "upload-pack= exec= depth= refmap= server-option=" };

    private static OptionGrammar Killers { get; } = new() { WithValue = "FgGPsStuUr", HasSignals = true, Names = "signal= full exact newest oldest parent= user=" };

    private static FrozenDictionary<string, OptionGrammar> Programs { get; } = new Dictionary<string, OptionGrammar>
    {
        ["rm"] = new() { Last = "rR", Names = "recursive force dir verbose interactive one-file-system no-preserve-root preserve-root", LeadingNames = ["--recursive"] },
        ["chmod"] = new() { Last = "R", HasModes = true, Names = "recursive reference=", LeadingNames = ["--recursive"] },
        ["chown"] = Owners,
        ["chgrp"] = Owners,
        ["sed"] = new() { WithValue = "efl", WithSuffix = "i", Last = "i", Names = "in-place expression= file= line-length=", LeadingNames = ["--in-place"] },
        ["systemctl"] = new()
        {
            WithValue = "HMtpsno",
            Names = "type= host= machine= property= state= signal= kill-who= kill-whom= lines= output= job-mode= message= root= image= when= what= check-inhibitors= preset-mode= firmware-setup boot-loader-entry=",
        },
        ["tar"] = new()
        {
            WithValue = "fCTXIFbgHKLNV",
            CommandLetters = "IF",
            CommandNames = ["to-command", "use-compress-program", "info-script", "new-volume-script", "rsh-command", "checkpoint-action"],
            Names = "directory= to-command= use-compress-program= info-script= new-volume-script= rsh-command= checkpoint-action= checkpoint file= exclude= files-from= exclude-from= transform= strip-components=",
        },
        ["rsync"] = new()
        {
            WithValue = "efTBM",
            CommandLetters = "e",
            CommandNames = ["rsh", "rsync-path"],
            Names = "rsh= rsync-path= exclude= include= filter= exclude-from= include-from= files-from= temp-dir= backup-dir= delete",
            LeadingNames = ["--delete", "--delete-after", "--delete-before", "--delete-during", "--delete-delay", "--delete-excluded", "--del"],
        },
        ["man"] = new() { WithValue = "PCMLmRrSs", CommandLetters = "P", CommandNames = ["pager", "html"], Names = "pager=" },
        ["sort"] = new() { WithValue = "koStT", CommandNames = ["compress-program"], Names = "compress-program= key= output= parallel=" },
        ["split"] = new() { WithValue = "abClnt", CommandNames = ["filter"], Names = "filter= bytes= lines= number=" },
        ["make"] = new() { WithValue = "CfIWoE", CommandLetters = "E", CommandNames = ["eval"], Names = "eval= file= directory= makefile= jobs" },
        ["mapfile"] = Lists,
        ["readarray"] = Lists,
        ["compgen"] = new() { WithValue = "oAGWFCXPS", CommandLetters = "C" },
        ["complete"] = new() { WithValue = "oAGWFCXPS", CommandLetters = "C" },
        ["scp"] = new() { WithValue = "cDFiJloPSX", CommandLetters = "S" },
        ["sftp"] = new() { WithValue = "BbcDFiJloPRSsX", CommandLetters = "S" },
        ["npx"] = new() { WithValue = "cpw", StopsAtOperand = true, CommandLetters = "c", CommandNames = ["call"], Names = "call= package= workspace=" },
        ["npm"] = new() { WithValue = "cpw", CommandLetters = "c", CommandNames = ["call"], Names = "call= package= workspace=" },
        ["git rebase"] = new() { WithValue = "xsCX", CommandLetters = "x", CommandNames = ["exec"], Names = "exec= onto= strategy= strategy-option= whitespace=" },
        ["git difftool"] = new() { WithValue = "xt", CommandLetters = "x", CommandNames = ["extcmd"], Names = "extcmd= tool=" },
        ["git grep"] = new() { WithValue = "efABCmO", CommandLetters = "O", CommandNames = ["open-files-in-pager"], Names = "open-files-in-pager= max-depth= threads=" },
        ["git clone"] = new() { WithValue = "bcjou", CommandLetters = "u", CommandNames = ["upload-pack"], Names = "upload-pack= template= branch= depth= origin= config= reference=" },
        ["git fetch"] = Fetches,
        ["git pull"] = Fetches,
        ["git archive"] = new() { WithValue = "o", CommandNames = ["exec"], Names = "exec= remote= output= format= prefix=" },
        ["git send-email"] = new() { CommandNames = ["to-cmd", "cc-cmd", "header-cmd", "sendmail-cmd"], Names = "to-cmd= cc-cmd= header-cmd= sendmail-cmd=" },
        ["git instaweb"] = new() { WithValue = "dpmb", CommandLetters = "b", CommandNames = ["browser"], Names = "browser=" },
        ["rg"] = new() { WithValue = "ABCegfjMmrtTEd", CommandNames = ["pre"], Names = "pre=" },
        ["ag"] = new() { WithValue = "ABCmpGW", CommandNames = ["pager"], Names = "pager=" },
        ["nix-shell"] = new() { WithValue = "pAIE", CommandNames = ["run", "command"], Names = "run= command= packages= attr=" },
        ["git ls-remote"] = Fetches,
        ["cp"] = new() { WithValue = "tS", Names = "target-directory= suffix= recursive force" },
        ["mv"] = new() { WithValue = "tS", Names = "target-directory= suffix= force" },
        ["ln"] = new() { WithValue = "tS", Names = "target-directory= suffix= symbolic force" },
        ["install"] = new() { WithValue = "tSmog", Names = "target-directory= suffix= mode= owner= group= directory" },
        ["pkill"] = Killers,
        ["killall"] = new() { WithValue = "souyZn", HasSignals = true, Names = "signal= user= older-than= younger-than=" },
        ["bash"] = Shells,
        ["sh"] = Shells,
        ["zsh"] = Shells,
        ["ksh"] = Shells,
        ["dash"] = Shells,
        ["ash"] = Shells,
        ["fish"] = Shells,
        ["mksh"] = Shells,
        ["perl"] = new() { WithValue = "eEImM", WithSuffix = "iFxD", Leading = "eE", StopsAtOperand = true },
        ["ruby"] = new() { WithValue = "eIrCE", WithSuffix = "iFKTxW", Leading = "e", StopsAtOperand = true },
        ["node"] = new() { WithValue = "erC", Leading = "e", StopsAtOperand = true, Names = "eval print require= import= loader= conditions= input-type= env-file= title= experimental-loader= experimental-default-type= disable-warning= stack-trace-limit=", LeadingNames = ["--eval", "--print"] },
        ["php"] = new() { WithValue = "rdcfBRES", Leading = "r", StopsAtOperand = true, Names = "run= define= php-ini=" },
        ["lua"] = new() { WithValue = "el", Leading = "e", StopsAtOperand = true },
        ["tclsh"] = new() { StopsAtOperand = true },
        ["git push"] = new() { WithValue = "o", CommandNames = ["receive-pack", "exec"], Names = "force force-with-lease mirror delete repo= push-option= receive-pack= exec=" },
        ["git reset"] = new() { Names = "hard soft mixed merge keep pathspec-from-file=" },
        ["git clean"] = new() { WithValue = "e", Last = "f", Names = "force dry-run interactive exclude=" },
        ["git branch"] = new() { WithValue = "u", Last = "dD", Names = "delete force move copy set-upstream-to= sort= format= points-at= contains= merged=" },
        ["git checkout"] = new() { WithValue = "bB", Names = "force orphan= conflict=", LeadingNames = ["--force"] },
        ["git switch"] = new() { WithValue = "cC", Names = "force discard-changes create= orphan= conflict=", LeadingNames = ["--force", "--discard-changes"] },
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
