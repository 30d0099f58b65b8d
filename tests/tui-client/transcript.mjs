// What is on the screen above the input line, with the TUI's rules for flushing streamed text (TUI_CONTRACT section 4).

const thoughts = /<(think|reasoning|thinking|thought|REASONING_SCRATCHPAD)>([\s\S]*?)<\/\1>\s*/g;

/** Rows of a conversation and the text that streams into it. */
export class Transcript {
  rows = [];
  #live = "";
  #reasoning = "";
  #turnStart = 0;
  #running = new Map();

  /** Text that is on the screen but not yet a row. */
  get live() {
    return this.#live;
  }

  /** Tools that have started and not ended. */
  get runningTools() {
    return [...this.#running.values()].map(({ name, context }) => ({ name, context }));
  }

  row(role, text, more = {}) {
    this.rows.push({ role, text, ...more });
  }

  startTurn() {
    this.#live = this.#reasoning = "";
    this.#running.clear();
    this.#turnStart = this.rows.length;
  }

  text(delta) {
    this.#live += delta;
  }

  reason(delta) {
    this.#reasoning += delta;
  }

  /** The whole reasoning at once, for those whose reasoning did not stream. */
  reasonOnce(text) {
    if (!this.#reasoning) this.#reasoning = text;
  }

  toolStarted({ tool_id: id, name, context }) {
    this.#flush();
    this.#running.set(id, { name, context: context ?? "" });
  }

  toolProgressed({ name, preview }) {
    const first = [...this.#running.values()].find((tool) => tool.name === name);
    if (first) first.context = preview ?? first.context;
  }

  // Without a matching start the name is the payload's and the context is lost.
  toolCompleted({ tool_id: id, name, error, summary }) {
    const tool = this.#running.get(id);
    this.#running.delete(id);
    const detail = error || summary || "";
    this.row("tool", detail, { name: tool?.name ?? name, context: tool?.context ?? null, ...(error && { failed: true }) });
  }

  /** The end of a turn. A text of "" counts as given: what streamed since the last tool is dropped. */
  complete({ text, rendered, reasoning }) {
    let rest = text ?? rendered ?? this.#live;
    for (const row of this.rows.slice(this.#turnStart).filter(({ role }) => role === "assistant")) {
      if (rest.trimStart().startsWith(row.text)) rest = rest.trimStart().slice(row.text.length);
    }
    this.reasonOnce(reasoning ?? "");
    this.#live = rest;
    this.#flush();
    this.#running.clear();
  }

  /** What an interrupted or failed turn leaves on the screen. */
  abandon(note) {
    this.#live = note ? `${this.#live}\n\n${note}` : this.#live;
    this.#flush();
    this.#running.clear();
  }

  #flush() {
    const text = this.#live.replace(thoughts, (_, __, thought) => (this.reason(thought.trim()), "")).trim();
    const reasoning = this.#reasoning.trim();
    this.#live = this.#reasoning = "";
    if (text) this.row("assistant", text, reasoning ? { reasoning } : {});
    else if (reasoning) this.row("thought", reasoning);
  }
}
