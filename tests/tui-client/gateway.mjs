// The gateway as a child process, and the wire to it (TUI_CONTRACT section 1).
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { delimiter, dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** Something the gateway must never send. */
export class Violations {
  list = [];

  add(text) {
    this.list.push(text);
  }
}

const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** What starting the gateway takes, from the environment alone. */
function launch(env) {
  const root = env.HERMES_PYTHON_SRC_ROOT || dirname(dirname(fileURLToPath(import.meta.url)));
  const path = env.PYTHONPATH ? `${root}${delimiter}${env.PYTHONPATH}` : root;
  return {
    program: env.HERMES_PYTHON?.trim() || env.PYTHON?.trim() || "python3",
    options: { cwd: env.HERMES_CWD || root, env: { ...env, PYTHONPATH: path }, stdio: ["pipe", "pipe", "pipe"] },
  };
}

/** One run of the gateway. Events are handed on the moment their line is read; a response settles a promise, so whoever
 * awaits it goes on only after all lines of the same read. The races of section 6 come from this. */
export class Gateway {
  #child;
  #pending = new Map();
  #lastId = 0;
  #violations;
  #onEvent;
  #turnOpen = new Set();

  /** Names of all frames in order: `> method`, `< method`, `! method` (an error) and `* event`. */
  trace = [];
  stderr = [];
  exit = null;

  constructor(env, violations, onEvent, onExit) {
    this.#violations = violations;
    this.#onEvent = onEvent;
    const { program, options } = launch(env);
    this.#child = spawn(program, ["-m", "tui_gateway.entry"], options);
    createInterface({ input: this.#child.stdout, crlfDelay: Infinity }).on("line", (line) => this.#read(line));
    createInterface({ input: this.#child.stderr }).on("line", (line) => this.stderr.push(line));
    // "close" comes when both pipes are read to their ends, so nothing that was sent is missing by then.
    this.closed = new Promise((resolve) => {
      const end = (code, signal, problem) => {
        this.exit = { code, signal, ...(problem && { problem }) };
        for (const { method, reject } of this.#pending.values()) reject(new Error(`gateway exited (${code ?? ""}): ${method}`));
        this.#pending.clear();
        onExit();
        resolve(this.exit);
      };
      this.#child.on("close", (code, signal) => end(code, signal));
      this.#child.on("error", (error) => this.exit ?? end(null, null, error.message));
    });
    this.#child.stdin.on("error", () => {});
  }

  /** Sends a request. */
  request(method, params = {}) {
    const id = `r${++this.#lastId}`;
    this.trace.push(`> ${method}`);
    return new Promise((resolve, reject) => {
      if (this.exit) return reject(new Error(`gateway exited: ${method}`));
      this.#pending.set(id, { method, resolve, reject });
      this.#child.stdin.write(`${JSON.stringify({ id, jsonrpc: "2.0", method, params })}\n`);
    });
  }

  /** Ends it the way the TUI does: a signal, open pipes, and waiting. */
  async terminate() {
    this.#child.kill("SIGTERM");
    const exit = await this.closed;
    return { ...exit, gone: !isAlive(this.#child.pid) };
  }

  /** For the end of a scenario that went wrong. */
  kill() {
    this.#child.kill("SIGKILL");
  }

  #read(line) {
    let frame;
    try {
      frame = JSON.parse(line);
    } catch {
      return this.#violations.add(`not JSON on stdout: ${JSON.stringify(line.slice(0, 200))}`);
    }
    if (!isObject(frame)) return this.#violations.add(`not an object on stdout: ${line.slice(0, 200)}`);
    if (typeof frame.id === "string" && this.#pending.has(frame.id)) return this.#settle(frame);
    if (frame.method !== "event") return this.#violations.add(`neither an answer nor an event: ${line.slice(0, 200)}`);
    if (!isObject(frame.params) || typeof frame.params.type !== "string") return this.#violations.add(`an event without a type: ${line.slice(0, 200)}`);
    this.trace.push(`* ${frame.params.type}`);
    this.#checkTurns(frame.params);
    this.#onEvent(frame.params);
  }

  #settle(frame) {
    const { method, resolve, reject } = this.#pending.get(frame.id);
    this.#pending.delete(frame.id);
    this.trace.push(`${frame.error ? "!" : "<"} ${method}`);
    if (frame.error) {
      if (typeof frame.error.message !== "string") this.#violations.add(`an error without a message: ${method}`);
      return reject(new Error(frame.error.message || "request failed"));
    }
    if (!isObject(frame.result)) this.#violations.add(`the result is not an object: ${method}`);
    resolve(frame.result);
  }

  // The TUI takes any message.complete for the end of the turn it shows, so turns must not overlap on the wire.
  #checkTurns({ type, session_id: session }) {
    if (type === "message.start") {
      if (this.#turnOpen.has(session)) this.#violations.add("message.start before the previous turn's end");
      this.#turnOpen.add(session);
    }
    if (type === "message.complete" || type === "error") {
      if (!this.#turnOpen.delete(session)) this.#violations.add(`${type} outside a turn`);
    }
  }
}

/** Whether a process exists. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== "ESRCH";
  }
}
