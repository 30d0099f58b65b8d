// What a user does, by name. A scenario returns more to print; `stage.mark(name)` tells the test where it stands.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const ready = (app) => app.screen.until(() => app.screen.panel && app.screen.status === "ready" && app.screen.sid, "the main screen");
const idle = (app) => app.screen.until(() => !app.screen.busy && app.queue.length === 0, "an idle screen");
const streaming = (app) => app.screen.until(() => app.screen.transcript.live.length > 0, "streamed text");
const asked = (app, not) => app.screen.until(() => app.screen.overlay.approval !== not && app.screen.overlay.approval, "an approval prompt");

async function ask(app, text) {
  await ready(app);
  void app.enter(text);
}

async function approve(app, ...choices) {
  await ask(app, "go");
  let shown;
  for (const choice of choices) {
    shown = await asked(app, shown);
    await app.answer(choice);
  }
  await idle(app);
}

export const scenarios = {
  async "main-screen"(app) {
    await ready(app);
    await app.screen.until(() => app.catalog && app.settled, "the catalogue");
    await app.settled;
    await app.screen.until(() => app.polls >= 3, "the poll for changed settings");
    return {
      catalog: { pairs: app.catalog.pairs.length, canon: Object.keys(app.catalog.canon).length, categories: app.catalog.categories.map(({ name }) => name) },
      voice: await app.voice,
    };
  },

  conversation: (app) => approve(app, "once"),

  deny: (app) => approve(app, "deny"),

  "approval-chain": (app) => approve(app, "once", "once"),

  // Typed in mid-turn; each goes out the instant the previous turn ends.
  async queue(app, stage) {
    await ask(app, "message 0");
    await streaming(app);
    for (let i = 1; i <= 20; i++) await app.enter(`message ${i}`);
    stage.mark("queued");
    await idle(app);
  },

  async "interrupt-queue"(app) {
    const rounds = 20;
    await ask(app, "begin");
    for (let i = 1; i <= rounds; i++) {
      await streaming(app);
      await app.enter(i === rounds ? "last" : `again ${i}`);
      await app.interrupt();
    }
    await app.screen.until(() => app.screen.transcript.rows.some(({ text }) => text === "the end"), "the answer to the last message");
    await idle(app);
  },

  async "final-text"(app) {
    await ask(app, "go");
    await idle(app);
  },

  async "setup-required"(app) {
    await app.screen.until(() => app.screen.setup && app.catalog, "the setup panel");
  },

  // The provider goes away while the TUI runs.
  async "error-panel"(app) {
    await ready(app);
    writeFileSync(join(app.env.HERMES_HOME, "config.yaml"), "");
    void app.enter("go");
    await app.screen.until(() => app.screen.setup, "the setup panel");
  },

  async bang(app) {
    await ask(app, "!echo hi");
    await idle(app);
    await app.enter("!exit 3");
    await idle(app);
  },

  async completion(app, stage) {
    await ask(app, "go");
    await streaming(app);
    const [slash, path] = await Promise.all([app.completeSlash("/he"), app.completePath("./no")]);
    const busy = app.screen.busy;
    stage.mark("completed");
    await idle(app);
    return { slash, path, completedWhileBusy: busy };
  },

  async quit(app) {
    await ready(app);
    return { quit: await app.quit() };
  },

  async "quit-mid-turn"(app) {
    await ask(app, "go");
    await streaming(app);
    return { quit: await app.quit() };
  },

  async "quit-mid-tool"(app) {
    await ask(app, "go");
    await app.screen.until(() => app.screen.transcript.runningTools.length > 0, "a running tool");
    return { quit: await app.quit() };
  },

  async "quit-with-question"(app) {
    await ask(app, "go");
    await asked(app);
    return { quit: await app.quit() };
  },

  async resize(app, stage) {
    await ready(app);
    const idleAnswers = await Promise.all([app.resize(90), app.resize(95), app.resize(120)]);
    void app.enter("go");
    await streaming(app);
    const busyAnswer = await app.resize(60);
    const busy = app.screen.busy;
    stage.mark("resized");
    await idle(app);
    return { idleAnswers, busyAnswer, resizedWhileBusy: busy };
  },
};
