// Reads the scripted model server (script "fidelity") with the providers' own clients
// and prints what they made of it as one line of JSON.
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

const base = process.argv[2];
const openai = new OpenAI({ baseURL: `${base}/v1`, apiKey: "key-for-openai", maxRetries: 0 });
const anthropic = new Anthropic({ baseURL: base, apiKey: "key-for-anthropic", authToken: null, maxRetries: 0 });
const ask = (text) => [{ role: "user", content: text }];

async function chatStream(model, messages = ask("Hello?")) {
  const stream = openai.chat.completions.stream({ model, messages, stream_options: { include_usage: true } });
  let chunks = 0;
  let reasoning = "";
  stream.on("chunk", (chunk) => {
    chunks++;
    reasoning += chunk.choices[0]?.delta?.reasoning_content ?? "";
  });
  const completion = await stream.finalChatCompletion();
  const { message, finish_reason } = completion.choices[0];
  return {
    text: message.content,
    reasoning,
    calls: (message.tool_calls ?? []).map((call) => ({
      id: call.id, name: call.function.name, arguments: JSON.parse(call.function.arguments),
    })),
    finish: finish_reason,
    usage: {
      prompt: completion.usage.prompt_tokens,
      output: completion.usage.completion_tokens,
      cached: completion.usage.prompt_tokens_details.cached_tokens,
      reasoning: completion.usage.completion_tokens_details.reasoning_tokens,
    },
    streamed: chunks > 3,
    message,
  };
}

async function messagesStream(model, messages = ask("Hello?")) {
  const stream = anthropic.messages.stream({ model, max_tokens: 1000, messages });
  let deltas = 0;
  stream.on("streamEvent", () => deltas++);
  const message = await stream.finalMessage();
  const thinking = message.content.find((block) => block.type === "thinking");
  return {
    text: message.content.filter((block) => block.type === "text").map((block) => block.text).join(""),
    reasoning: thinking?.thinking ?? "",
    signature: thinking?.signature ?? "",
    calls: message.content.filter((block) => block.type === "tool_use")
      .map(({ id, name, input }) => ({ id, name, arguments: input })),
    finish: message.stop_reason,
    usage: {
      input: message.usage.input_tokens,
      output: message.usage.output_tokens,
      cached: message.usage.cache_read_input_tokens,
      written: message.usage.cache_creation_input_tokens,
    },
    streamed: deltas > 3,
    message,
  };
}

async function responsesStream(model, input = "Hello?") {
  const stream = openai.responses.stream({ model, input, store: false, include: ["reasoning.encrypted_content"] });
  let deltas = 0;
  stream.on("event", () => deltas++);
  const response = await stream.finalResponse();
  const reasoning = response.output.find((item) => item.type === "reasoning");
  return {
    text: response.output_text,
    reasoning: reasoning?.summary.map((part) => part.text).join("") ?? "",
    encrypted: reasoning?.encrypted_content ?? "",
    calls: response.output.filter((item) => item.type === "function_call")
      .map((call) => ({ id: call.call_id, name: call.name, arguments: JSON.parse(call.arguments) })),
    finish: response.status,
    usage: {
      input: response.usage.input_tokens,
      output: response.usage.output_tokens,
      cached: response.usage.input_tokens_details.cached_tokens,
      reasoning: response.usage.output_tokens_details.reasoning_tokens,
    },
    streamed: deltas > 3,
    message: response.output,
  };
}

// The error's class and what the client read from the response.
async function failure(action) {
  try {
    await action();
    return { error: null };
  } catch (error) {
    return { error: error.constructor.name, status: error.status ?? null, message: error.message };
  }
}

const withoutMessage = ({ message, ...rest }) => rest;

async function chat() {
  const tools = await chatStream("tools");
  const answers = tools.calls.map((call) => ({ role: "tool", tool_call_id: call.id, content: `result of ${call.id}` }));
  const whole = await openai.chat.completions.create({ model: "text", messages: ask("Hello?") });
  return {
    text: withoutMessage(await chatStream("text")),
    reasoning: withoutMessage(await chatStream("reasoning")),
    tools: withoutMessage(tools),
    afterTools: withoutMessage(await chatStream("tools", [...ask("Hello?"), tools.message, ...answers])).text,
    whole: { text: whole.choices[0].message.content, finish: whole.choices[0].finish_reason, total: whole.usage.total_tokens },
    limited: await failure(() => openai.chat.completions.create({ model: "limited", messages: ask("Now!"), stream: true })),
    midway: await failure(() => chatStream("overloaded-midway")),
    models: (await openai.models.list()).data.map((model) => model.id),
  };
}

async function messages() {
  const tools = await messagesStream("tools");
  const answers = tools.calls.map((call) => ({ type: "tool_result", tool_use_id: call.id, content: `result of ${call.id}` }));
  const whole = await anthropic.messages.create({ model: "text", max_tokens: 1000, messages: ask("Hello?") });
  return {
    text: withoutMessage(await messagesStream("text")),
    reasoning: withoutMessage(await messagesStream("reasoning")),
    tools: withoutMessage(tools),
    afterTools: withoutMessage(await messagesStream("tools", [
      ...ask("Hello?"), { role: "assistant", content: tools.message.content }, { role: "user", content: answers },
    ])).text,
    whole: { text: whole.content[0].text, finish: whole.stop_reason, total: whole.usage.input_tokens + whole.usage.output_tokens },
    limited: await failure(() => anthropic.messages.create({ model: "limited", max_tokens: 9, messages: ask("Now!"), stream: true })),
    midway: await failure(() => messagesStream("overloaded-midway")),
    models: (await anthropic.models.list()).data.map((model) => model.id),
  };
}

async function responses() {
  const tools = await responsesStream("tools");
  const calls = tools.message.filter((item) => item.type === "function_call");
  const after = [
    ...ask("Hello?"),
    { role: "assistant", content: tools.text },
    ...calls.map(({ type, id, call_id, name, arguments: text }) => ({ type, id, call_id, name, arguments: text })),
    ...calls.map((call) => ({ type: "function_call_output", call_id: call.call_id, output: `result of ${call.call_id}` })),
  ];
  const whole = await openai.responses.create({ model: "text", input: "Hello?" });
  return {
    text: withoutMessage(await responsesStream("text")),
    reasoning: withoutMessage(await responsesStream("reasoning")),
    tools: withoutMessage(tools),
    afterTools: withoutMessage(await responsesStream("tools", after)).text,
    whole: { text: whole.output_text, finish: whole.status, total: whole.usage.total_tokens },
    limited: await failure(() => openai.responses.create({ model: "limited", input: "Now!", stream: true })),
    midway: await failure(() => responsesStream("overloaded-midway")),
  };
}

const result = { chat: await chat(), messages: await messages(), responses: await responses() };
// All refusals are used up now: a client that may retry gets through.
result.retried = (await openai.withOptions({ maxRetries: 1 }).chat.completions.create({ model: "limited", messages: ask("Now?") }))
  .choices[0].message.content;
console.log(JSON.stringify(result));
