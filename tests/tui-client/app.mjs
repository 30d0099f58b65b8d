// What the TUI does by itself and on behalf of its user: starting, submitting, draining the queue, answering, quitting.
import { Gateway, Violations } from "./gateway.mjs";
import { Screen } from "./screen.mjs";

const busyAnswer = /session busy|waiting for model response/i;
const pollMs = 20;

/** The application: one screen, one gateway. */
export class App {
  #buffered = [];
  #mounted = false;
  #mtime = 0;
  #poll = null;

  violations = new Violations();
  screen = new Screen(this.violations);
  queue = [];
  catalog = null;
  polls = 0;
  drained = 0;
  requeued = [];

  constructor(env) {
    this.env = env;
    this.gateway = new Gateway(env, this.violations, (event) => this.#event(event), () => this.#exited());
    // Events that come before the first frame are kept and replayed.
    setImmediate(() => {
      this.#mounted = true;
      for (const event of this.#buffered.splice(0)) this.#event(event);
    });
  }

  /** A call whose answer must be an object and whose error is shown. */
  async rpc(method, params = {}) {
    try {
      const result = await this.gateway.request(method, params);
      if (result !== null && typeof result === "object" && !Array.isArray(result)) return result;
      this.screen.transcript.row("system", `error: invalid response: ${method}`);
    } catch (error) {
      this.screen.transcript.row("system", `error: ${error.message}`);
    } finally {
      this.screen.changed();
    }
    return null;
  }

  /** A call whose failure nobody hears of. */
  async quiet(method, params = {}) {
    return this.gateway.request(method, params).catch(() => null).finally(() => this.screen.changed());
  }

  get #session() {
    return { session_id: this.screen.sid };
  }

  #event(event) {
    if (!this.#mounted) return this.#buffered.push(event);
    if (event.type === "gateway.ready") {
      this.screen.skin(event.payload?.skin);
      void this.#start();
    }
    if (this.screen.apply(event)) void this.#drain();
  }

  #exited() {
    clearTimeout(this.#poll);
    this.screen.transcript.abandon();
    this.screen.rest("gateway exited");
    this.screen.sid = null;
    this.screen.gone = true;
    this.screen.changed();
  }

  // Section 2: the catalogue beside the settings, then setup, session, and three questions at once.
  async #start() {
    void this.rpc("commands.catalog").then((catalog) => {
      if (catalog?.pairs) this.catalog = catalog;
      this.screen.changed();
    });
    const full = await this.quiet("config.get", { key: "full" });
    this.#display(full);
    const setup = await this.rpc("setup.status");
    if (setup?.provider_configured === false) {
      this.screen.setup = true;
      this.screen.status = "setup required";
      return;
    }
    if (this.screen.sid) await this.rpc("session.close", this.#session);
    const created = await this.rpc("session.create", { cols: 100 });
    if (!created) return void (this.screen.status = "ready");
    this.screen.sid = created.session_id;
    this.screen.setInfo(created.info ?? null);
    for (const warning of [created.info?.credential_warning, created.info?.config_warning].filter(Boolean)) {
      this.screen.transcript.row("system", `warning: ${warning}`);
    }
    this.screen.status = created.info?.version ? "ready" : "starting agent…";
    this.screen.changed();
    this.voice = this.quiet("voice.toggle", { action: "status" });
    this.settled = Promise.all([this.voice, this.#pollMtime(true), this.quiet("config.get", { key: "full" }).then((config) => this.#display(config))]);
  }

  #display(full) {
    this.screen.showReasoning = Boolean(full?.config?.display?.show_reasoning);
  }

  async #pollMtime(first = false) {
    if (this.screen.gone) return;
    const mtime = (await this.quiet("config.get", { key: "mtime" }))?.mtime ?? 0;
    this.polls++;
    if (!first && mtime && mtime !== this.#mtime) {
      await this.quiet("reload.mcp", this.#session);
      this.#display(await this.quiet("config.get", { key: "full" }));
    }
    this.#mtime = mtime || this.#mtime;
    this.screen.changed();
    if (!this.screen.gone) this.#poll = setTimeout(() => void this.#pollMtime(), pollMs);
  }

  /** The user presses Enter. */
  async enter(text) {
    if (text.startsWith("!")) return this.#bang(text.slice(1).trim());
    if (this.screen.busy) return void this.queue.push(text);
    await this.#submit(text);
  }

  async #submit(text) {
    const screen = this.screen;
    screen.busy = true;
    screen.changed();
    const drop = await this.gateway.request("input.detect_drop", { ...this.#session, text }).catch(() => null);
    const sent = drop?.matched && drop.text ? drop.text : text;
    screen.transcript.row("user", sent);
    screen.interrupted = false;
    screen.busy = true;
    screen.status = "running…";
    try {
      await this.gateway.request("prompt.submit", { ...this.#session, text: sent });
    } catch (error) {
      if (busyAnswer.test(error.message)) {
        this.requeued.push(text);
        this.queue.unshift(text);
        screen.status = "queued for next turn";
      } else {
        screen.transcript.row("system", `error: ${error.message}`);
        screen.rest();
      }
    }
    screen.changed();
  }

  // The instant a turn is over, in the middle of whatever else the same read brought.
  async #drain() {
    const next = this.queue.shift();
    if (next === undefined || this.screen.busy) return;
    this.drained++;
    await this.#submit(next);
  }

  async #bang(command) {
    const screen = this.screen;
    screen.transcript.row("user", `!${command}`);
    screen.busy = true;
    screen.status = "running…";
    try {
      const { stdout, stderr, code } = await this.gateway.request("shell.exec", { command });
      const said = [stdout, stderr].filter(Boolean).join("\n").trim();
      if (said) screen.transcript.row("system", said);
      if (code !== 0 || !said) screen.transcript.row("system", `exit ${code}`);
    } catch (error) {
      screen.transcript.row("system", `error: ${error.message}`);
    }
    screen.rest();
    screen.changed();
    await this.#drain();
  }

  /** The user answers the approval on the screen. It goes away when the gateway has the answer. */
  async answer(choice) {
    const result = await this.rpc("approval.respond", { choice, ...this.#session });
    if (result) delete this.screen.overlay.approval;
    this.screen.changed();
    return result;
  }

  /** Ctrl+C during a turn: the screen is free at once, and what is queued goes out right behind the interrupt. */
  interrupt() {
    const told = this.quiet("session.interrupt", this.#session);
    this.screen.transcript.abandon("*[interrupted]*");
    this.screen.interrupted = true;
    this.screen.rest("interrupted");
    void this.#drain();
    return told;
  }

  /** Typing with a menu open. */
  completeSlash = (text) => this.gateway.request("complete.slash", { text });
  completePath = (word) => this.gateway.request("complete.path", { word });

  #resizing = null;
  #resized = [];

  /** The window changed; the last of several changes counts. */
  resize(cols) {
    clearTimeout(this.#resizing);
    return new Promise((resolve) => {
      this.#resized.push(resolve);
      this.#resizing = setTimeout(async () => {
        const result = await this.rpc("terminal.resize", { cols, ...this.#session });
        for (const done of this.#resized.splice(0)) done(result);
      }, 10);
    });
  }

  /** The user leaves. */
  async quit() {
    clearTimeout(this.#poll);
    clearTimeout(this.#resizing);
    return this.gateway.exit ?? this.gateway.terminate();
  }
}
