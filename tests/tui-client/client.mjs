#!/usr/bin/env node
// A stand-in for the Hermes TUI. Plays one scenario against the gateway that HERMES_PYTHON names and prints one line of
// JSON: what was on the screen at the end, and how the gateway ended. Marks of the scenario go to stderr, a line each.
import { App } from "./app.mjs";
import { scenarios } from "./scenarios.mjs";

const name = process.argv[2];
if (!(name in scenarios)) {
  console.error(`usage: client.mjs ${Object.keys(scenarios).join("|")}`);
  process.exit(2);
}

const app = new App(process.env);
const stage = { mark: (mark) => console.error(`mark: ${mark}`) };

// Only a scenario that is stuck pays this.
const patience = new Promise((_, reject) => {
  setTimeout(() => reject(new Error(`stuck waiting for ${app.screen.awaited.join(", ")}`)), 15_000).unref();
});

let more = {};
let failure = null;
try {
  more = (await Promise.race([scenarios[name](app, stage), patience])) ?? {};
} catch (error) {
  failure = error.message;
}

const state = app.screen.snapshot();
if (failure) app.gateway.kill();
const exit = await app.quit();
const { violations, requeued, drained, queue, gateway } = app;
const report = { scenario: name, failure, violations: violations.list, state, queue, drained, requeued, exit, ...more, trace: gateway.trace, stderr: gateway.stderr };
process.stdout.write(`${JSON.stringify(report)}\n`);
