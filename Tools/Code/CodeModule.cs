namespace Gateway.Tools.Code;

/// <summary>The Python module through which a script calls tools (AGENT.md section 11, execute_code).</summary>
internal static class CodeModule
{
    /// <summary>File name of the module.</summary>
    public const string FileName = "hermes_tools.py";

    /// <summary>Its source. Calls travel as one line of JSON each, over the socket that HERMES_RPC_SOCKET names.</summary>
    public const string Source =
        """"
        """Tools of the agent, for scripts. Every function answers with what the tool answers, usually a dict."""
        import json as _json
        import os as _os
        import shlex as _shlex
        import socket as _socket
        import threading as _threading
        import time as _time

        _lock = _threading.Lock()
        _stream = None


        def _call(tool, args):
            global _stream
            with _lock:
                if _stream is None:
                    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
                    connection.connect(_os.environ["HERMES_RPC_SOCKET"])
                    _stream = connection.makefile("rwb")
                line = _json.dumps({"tool": tool, "args": {k: v for k, v in args.items() if v is not None}})
                _stream.write(line.encode("utf-8", "surrogatepass") + b"\n")
                _stream.flush()
                answer = _stream.readline()
            if not answer:
                raise RuntimeError("the agent closed the connection")
            text = answer.decode("utf-8")
            try:
                result = _json.loads(text)
            except ValueError:
                return text
            return result


        def terminal(command, timeout=None, workdir=None):
            """Run a shell command. Returns a dict with output and exit_code."""
            return _call("terminal", {"command": command, "timeout": timeout, "workdir": workdir})


        def read_file(path, offset=None, limit=None):
            """Read lines of a file. Returns a dict with content."""
            return _call("read_file", {"path": path, "offset": offset, "limit": limit})


        def write_file(path, content):
            """Write a whole file."""
            return _call("write_file", {"path": path, "content": content})


        def patch(path=None, old_string=None, new_string=None, replace_all=None, mode=None, patch=None):
            """Change parts of files."""
            if mode is None:
                mode = "replace" if patch is None else "patch"
            return _call("patch", {"path": path, "old_string": old_string, "new_string": new_string,
                                   "replace_all": replace_all, "mode": mode, "patch": patch})


        def search_files(pattern, target=None, path=None, file_glob=None, limit=None, offset=None,
                         output_mode=None, context=None):
            """Search contents or names of files."""
            return _call("search_files", {"pattern": pattern, "target": target, "path": path, "file_glob": file_glob,
                                          "limit": limit, "offset": offset, "output_mode": output_mode,
                                          "context": context})


        def web_search(query, limit=None):
            """Search the web."""
            return _call("web_search", {"query": query, "limit": limit})


        def web_extract(urls):
            """Read web pages."""
            return _call("web_extract", {"urls": urls})


        def json_parse(text):
            """Parse JSON that may hold raw control characters."""
            return _json.loads(text, strict=False)


        def shell_quote(text):
            """Quote a text for the shell."""
            return _shlex.quote(str(text))


        def retry(function, max_attempts=3, delay=2):
            """Call a function again when it fails, waiting longer each time."""
            for attempt in range(1, max_attempts + 1):
                try:
                    return function()
                except Exception:
                    if attempt == max_attempts:
                        raise
                    _time.sleep(delay * 2 ** (attempt - 1))

        """";
}
