namespace Gateway.Protocol;

/// <summary>Every error code the gateway answers with (WIRE section 4). Clients look only at the message;
/// the numbers are kept for scripts and logs. Values never change meaning.</summary>
internal enum ErrorCode
{
    /// <summary>The line is not JSON (JSON-RPC 2.0).</summary>
    ParseError = -32700,

    /// <summary>The JSON is not a request (JSON-RPC 2.0).</summary>
    InvalidRequest = -32600,

    /// <summary>No such method, or one that this version does not have yet (JSON-RPC 2.0).</summary>
    MethodNotFound = -32601,

    /// <summary>A parameter is missing or has the wrong type; the message names it (JSON-RPC 2.0).</summary>
    InvalidParams = -32602,

    /// <summary>A bug of ours; fixed text, detail in the log (JSON-RPC 2.0).</summary>
    InternalError = -32603,

    /// <summary>Too many requests wait for a lane; try again (ours).</summary>
    Overloaded = -32001,

    /// <summary>spawn_tree.save, spawn_tree.load: a parameter that is needed is missing or empty.</summary>
    ParameterRequired = 4000,

    /// <summary>The live session id is not known.</summary>
    SessionNotFound = 4001,

    /// <summary>A method that resumes was sent no session id.</summary>
    SessionIdRequired = 4006,

    /// <summary>No stored session has this id or title.</summary>
    StoredSessionNotFound = 4007,

    /// <summary>state.db, or the file of a spawn tree, cannot be read or written.</summary>
    StateUnavailable = 5000,

    /// <summary>config.get, config.set: unknown key or value. session.steer: no text.</summary>
    BadInput = 4002,

    /// <summary>shell.exec and others: nothing to run.</summary>
    EmptyInput = 4004,

    /// <summary>shell.exec: refused as dangerous.</summary>
    CommandBlocked = 4005,

    /// <summary>session.branch: the conversation is empty.</summary>
    NothingToBranch = 4008,

    /// <summary>A prompt for the background has no text.</summary>
    TextRequired = 4012,

    /// <summary>session.title: the title is blank.</summary>
    TitleRequired = 4021,

    /// <summary>cron.manage: unknown action.</summary>
    UnknownCronAction = 4016,

    /// <summary>Neither enable nor disable.</summary>
    UnknownToolAction = 4017,

    /// <summary>No toolset was named.</summary>
    ToolNamesRequired = 4018,

    /// <summary>Toolsets cannot be switched.</summary>
    ToolsFailed = 5035,

    /// <summary>session.title: the title is too long, or another session has it.</summary>
    TitleRefused = 4022,

    /// <summary>session.compress: there is no summary, or it cannot be stored; the conversation is unchanged.</summary>
    CompressionFailed = 5005,

    /// <summary>session.title: state.db cannot be read or written.</summary>
    TitleFailed = 5007,

    /// <summary>session.branch: the copy could not be stored.</summary>
    BranchFailed = 5008,

    /// <summary>A turn is running (prompt.submit), or no question waits under that id (*.respond).</summary>
    SessionBusy = 4009,

    /// <summary>voice.toggle: unknown action.</summary>
    UnknownVoiceAction = 4013,

    /// <summary>voice.toggle tts: voice mode is off.</summary>
    VoiceModeOff = 4014,

    /// <summary>spawn_tree.load: the path leads out of the folder spawn-trees.</summary>
    PathOutsideRoot = 4030,

    /// <summary>shell.exec: ran into its time limit.</summary>
    ShellTimeout = 5002,

    /// <summary>shell.exec: could not be started.</summary>
    ShellFailed = 5003,

    /// <summary>session.list: state.db cannot be read.</summary>
    SessionListFailed = 5006,

    /// <summary>session.save: the file cannot be written.</summary>
    SessionSaveFailed = 5011,

    /// <summary>insights.get: state.db cannot be read.</summary>
    InsightsFailed = 5017,

    /// <summary>commands.catalog, complete.slash: could not be built.</summary>
    CatalogFailed = 5020,

    /// <summary>cron.manage: the job cannot be made, found or changed, or the file of jobs cannot be used.</summary>
    CronFailed = 5023,

    /// <summary>complete.path: could not be listed.</summary>
    PathCompletionFailed = 5021,
}
