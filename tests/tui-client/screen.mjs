// The state that the TUI draws, and what each event does to it (TUI_CONTRACT section 4).
import { Transcript } from "./transcript.mjs";

const noProvider = /No (LLM|inference) provider configured/i;
const overlays = {
  "approval.request": ["approval", ({ command, description }) => ({ command, description })],
  "clarify.request": ["clarify", ({ question, choices, request_id }) => ({ question, choices, request_id })],
  "sudo.request": ["sudo", ({ request_id }) => ({ request_id })],
  "secret.request": ["secret", ({ prompt, env_var, request_id }) => ({ prompt, env_var, request_id })],
};

/** Everything on the screen. `panel` is the info panel above the conversation, `setup` the Setup Required panel. */
export class Screen {
  #violations;
  #waiting = [];
  #painting = false;

  status = "summoning hermes…";
  sid = null;
  info = null;
  panel = false;
  setup = false;
  busy = false;
  theme = null;
  overlay = {};
  usage = {};
  showReasoning = false;
  interrupted = false;
  foreign = 0;
  gone = false;
  seen = [];
  transcript = new Transcript();

  constructor(violations) {
    this.#violations = violations;
  }

  /** Waits until the user sees something: only what is still there when a frame is painted counts, not what was there
   * between two lines of the same read. */
  until(look, what) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ look, what, resolve, reject });
      this.changed();
    });
  }

  /** The names of what is waited for. */
  get awaited() {
    return this.#waiting.map(({ what }) => what);
  }

  /** Something changed: paint a frame soon. */
  changed() {
    if (this.#painting) return;
    this.#painting = true;
    setImmediate(() => {
      this.#painting = false;
      this.#paint();
    });
  }

  #paint() {
    const approval = this.overlay.approval;
    if (approval && this.seen.at(-1) !== approval) this.seen.push(approval);
    for (const waiter of [...this.#waiting]) {
      const found = waiter.look();
      if (!found && !this.gone) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
      if (found) waiter.resolve(found);
      else waiter.reject(new Error(`the gateway is gone; waited for ${waiter.what}`));
    }
  }

  /** Replaces what is known about the session; the panel is drawn from it if it is complete. */
  setInfo(info) {
    this.info = info;
    if (info && typeof info.model !== "string") this.#violations.add("info without a model");
    this.panel = Boolean(info?.version);
    if (!this.panel) return;
    for (const group of ["tools", "skills"]) {
      const lists = Object.values(info[group] ?? { missing: null });
      if (!lists.every(Array.isArray)) this.#violations.add(`info.${group} is not an object of arrays`);
    }
  }

  /** A turn is over, however: nothing is asked any more (section 6, 7). */
  rest(status = "ready") {
    this.busy = false;
    this.status = status;
    this.overlay = {};
  }

  /** Applies an event. Returns whether the turn on the screen ended with it. */
  apply({ type, session_id: session, payload = {} }) {
    if (session && this.sid && session !== this.sid && !type.startsWith("gateway.")) {
      this.foreign++;
      return false;
    }
    this.changed();
    if (type in overlays) {
      const [kind, read] = overlays[type];
      this.overlay[kind] = read(payload);
      return false;
    }
    if (this.interrupted && /^(message\.delta|reasoning\.|thinking\.|tool\.)/.test(type)) return false;
    return this.#effects[type]?.(payload) ?? false;
  }

  #effects = {
    "skin.changed": (skin) => void this.skin(skin),
    "session.info": (info) => {
      this.setInfo(info);
      Object.assign(this.usage, info.usage);
      if (this.status === "starting agent…") this.status = "ready";
    },
    "message.start": () => {
      this.interrupted = false;
      this.busy = true;
      this.status = "running…";
      this.transcript.startTurn();
    },
    "message.delta": ({ text }) => void (text && this.transcript.text(text)),
    "thinking.delta": ({ text }) => void (text && (this.status = text)),
    "reasoning.delta": ({ text }) => void (this.showReasoning && text && this.transcript.reason(text)),
    "reasoning.available": ({ text }) => void (this.showReasoning && text && this.transcript.reasonOnce(text)),
    "status.update": ({ text }) => void (text && (this.status = text)),
    "tool.start": (tool) => void this.transcript.toolStarted(tool),
    "tool.progress": (tool) => void this.transcript.toolProgressed(tool),
    "tool.complete": (tool) => void this.transcript.toolCompleted(tool),
    "background.complete": ({ task_id: id, text }) => void this.transcript.row("system", `[bg ${id}] ${text}`),
    "message.complete": (payload) => {
      if (!this.interrupted) this.transcript.complete(payload);
      Object.assign(this.usage, payload.usage);
      this.rest();
      return true;
    },
    error: ({ message }) => {
      if (typeof message !== "string") this.#violations.add("error event without a message");
      this.transcript.abandon();
      if (noProvider.test(message)) this.setup = true;
      else this.transcript.row("system", `error: ${message}`);
      this.rest(this.setup ? "setup required" : "ready");
      return true;
    },
  };

  skin(skin) {
    const colors = skin?.colors ?? {};
    const branding = skin?.branding ?? {};
    this.theme = { accent: colors.ui_accent ?? colors.banner_accent, agent: branding.agent_name, prompt: branding.prompt_symbol };
  }

  /** The state as data, for the one who asked. */
  snapshot() {
    const { status, sid, panel, setup, busy, theme, overlay, usage, foreign, seen } = this;
    const { rows, live, runningTools } = this.transcript;
    return { status, sid, model: this.info?.model, panel, setup, busy, theme, overlay, usage, foreign, seen, live, runningTools, transcript: rows };
  }
}
