#!/usr/bin/env node
// A gateway that does one thing wrong, named by FAKE_GATEWAY: the stand-in for the TUI must notice. It ends itself once it
// has done so, and a client that then still waits has lost something.
import { createInterface } from "node:readline";

const fault = process.env.FAKE_GATEWAY;
const session = "fa4e0001";
const info = { model: "fake", version: "1.0", tools: {}, skills: {} };
const answer = (id, result = {}) => `${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`;
const event = (type, payload) => `${JSON.stringify({ jsonrpc: "2.0", method: "event", params: { type, session_id: session, payload } })}\n`;
const approval = (command) => event("approval.request", { command, description: "dangerous" });
const send = (...lines) => process.stdout.write(lines.join(""));
const end = (...lines) => process.stdout.write(lines.join(""), () => process.exit(0));
let prompts = 0;
let questionsUntilDone = 0;

const methods = {
  "commands.catalog": () => ({ pairs: [], canon: {}, categories: [] }),
  "config.get": () => (fault === "result-not-an-object" ? [] : { config: {}, mtime: 1 }),
  "setup.status": () => ({ provider_configured: true }),
};

function create(id) {
  const incomplete = answer(id, { session_id: session, info: { model: "fake" } });
  if (fault === "info-in-the-same-read") return end(incomplete, event("session.info", info));
  if (fault === "info-before-the-answer") return end(event("session.info", info), incomplete);
  send(answer(id, { session_id: session, info }));
  if (fault === "blank-line") end("\n");
}

function submit(id) {
  prompts++;
  if (fault === "busy-after-the-end" && prompts > 1) return end(`${JSON.stringify({ id, error: { code: 4009, message: "session busy" } })}\n`);
  send(event("message.start"), answer(id, { status: "streaming" }));
  const tool = [event("message.delta", { text: "before" }), event("tool.start", { tool_id: "t", name: "terminal", context: "true" })];
  if (fault === "approval-with-the-answer") return send(approval("first"));
  if (fault === "empty-final-text") {
    return send(...tool, event("tool.complete", { tool_id: "t", name: "terminal" }), event("message.delta", { text: "after" }), event("message.complete", { text: "" }));
  }
  if (fault === "turns-overlap") return send(event("message.start"), event("message.complete", { text: "x" }));
  send(event("message.delta", { text: "working" }));
  questionsUntilDone = 3;
}

// By the third question after the streamed text the client has read it, painted it and let its user type.
function question() {
  if (--questionsUntilDone === 0) send(event("message.complete", { text: "working" }));
}

process.on("SIGTERM", () => (fault === "killed-by-the-signal" ? process.kill(process.pid, "SIGKILL") : process.exit(0)));
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method } = JSON.parse(line);
  if (method === "session.create") create(id);
  else if (method === "prompt.submit") submit(id);
  else if (method === "approval.respond") end(answer(id), approval("second"));
  else send(answer(id, methods[method]?.() ?? {}));
  if (method === "config.get") question();
});
send(event("gateway.ready", { skin: {} }));
