// The control page: shows what the server knows once a second, and sends what a person wants done.
"use strict";

const $ = (id) => document.getElementById(id);
let chosen = "latest";
const shown = new Map();

const actions = [
  ["Accept", { accept: {} }],
  ["Accept, sneak peek", { accept: { sneakPeek: true } }],
  ["Accept, idle clock", { accept: { idle: { warning: 60, timeout: 90 } } }],
  ["Type", { typing: true }],
  ["Stop typing", { typing: false }],
  ["Queue: 2 ahead", { queue: { position: 2, wait: 40 } }],
  ["Queue: next", { queue: { position: 0, wait: 0 } }],
  ["Transfer", { transfer: { name: "Ilse V." } }],
  ["Transfer to queue", { transferToQueue: {} }],
  ["Join", { join: { name: "Sam K." } }],
  ["Leave", { leave: { name: "Sam K." } }],
  ["Disconnect", { disconnect: {} }],
  ["Request file", { requestFile: {} }],
  ["Cancel file", { cancelFile: {} }],
  ["Say HTML", { sayHtml: "<b>bold</b>" }],
  ["Notice", { notice: "The shop closes soon." }],
  ["Push URL", { pushUrl: "https://example.com/" }],
  ["Send file", { sendFile: { name: "note.txt", type: "text/plain", text: "A note." } }],
  ["Idle alert", { idleAlert: { secs: 60 } }],
  ["Custom event", { customEvent: { type: "hint", data: "{}" } }],
  ["Unknown message", { raw: { type: "Mystery", message: { depth: 3 } } }],
  ["Fail", { fail: { reason: "Unavailable" } }],
  ["End", { end: { reason: "agent" } }],
];
const moves = [
  ["Handover", "rotate", {}],
  ["Handover, poll only", "rotate", { on: "poll" }],
  ["Handover, POST only", "rotate", { on: "post" }],
  ["Handover, in-flight processed", "rotate", { processInFlight: true }],
  ["Expire", "expire", {}],
];

async function ask(method, path, body) {
  const answer = await fetch("/control/" + path, { method, body: body === undefined ? undefined : JSON.stringify(body) });
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.error);
  return content;
}

async function attempt(label, work) {
  try {
    await work();
    $("status").textContent = label + ": done.";
  } catch (error) {
    $("status").textContent = label + ": " + error.message;
  }
  await refresh();
}

function button(label, work) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", () => attempt(label, work));
  return made;
}

function element(name, text, note) {
  const made = document.createElement(name);
  made.textContent = text;
  if (note) made.append(Object.assign(document.createElement("small"), { textContent: note }));
  return made;
}

// Replaces a list only when it changed, so that focus and selection stay.
function fill(id, data, make) {
  const key = JSON.stringify(data);
  if (shown.get(id) === key) return;
  shown.set(id, key);
  $(id).replaceChildren(...data.map(make));
}

function conversation(line) {
  const made = button(line.visitorName || "Visitor", async () => { chosen = line.id; });
  made.setAttribute("aria-current", String(line.current));
  const counts = `${line.phase} · ${line.delivered} delivered · ${line.violations} violations`;
  made.append(Object.assign(document.createElement("small"), { textContent: counts }));
  const item = document.createElement("li");
  item.append(made);
  return item;
}

function row(request) {
  const made = document.createElement("tr");
  const { number, method, noun, sequence, ack, affinity, status, outcome } = request;
  const cells = [number, method, noun, sequence, ack, affinity, status, outcome];
  made.append(...cells.map((cell) => element("td", cell ?? "")));
  return made;
}

function fault(line) {
  const item = element("li", `${line.noun}: ${line.action.kind}, ${line.hits} of ${line.times} `);
  if (["hold", "hang", "hangAnswer"].includes(line.action.kind)) {
    item.append(button("Release " + line.id, () => ask("POST", `faults/${line.id}/release`, {})));
  }
  return item;
}

async function refresh() {
  const list = await ask("GET", "conversations");
  $("nobody").hidden = list.length > 0;
  const newest = list.length ? list[list.length - 1].id : null;
  if (!list.some((line) => line.id === chosen)) chosen = "latest";
  const current = chosen === "latest" ? newest : chosen;
  fill("conversations", list.map((line) => ({ ...line, current: line.id === current })).reverse(), conversation);
  fill("faults", await ask("GET", "faults"), fault);
  const record = current ? await ask("GET", "conversations/" + current) : null;
  const facts = record ? ["id", "phase", "agentName", "handovers", "openPolls", "maxOpenPolls", "maxOpenPosts"] : [];
  fill("facts", facts.flatMap((name) => [["dt", name], ["dd", String(record[name] ?? "–")]]), ([tag, text]) => element(tag, text));
  const { violations = [], delivered = [], events = [], sent = [], requests = [] } = record ?? {};
  fill("violations", violations, (one) => element("li", one.rule, one.detail));
  fill("delivered", delivered, (one) => element("li", one.text, one.sequence === null ? "" : "sequence " + one.sequence));
  fill("events", events, ({ type, ...rest }) => element("li", type, JSON.stringify(rest)));
  fill("sent", sent, (one) => element("li", one.type, JSON.stringify(one.message)));
  fill("requests", requests.slice().reverse(), row);
}

async function watch() {
  try {
    await refresh();
    if ($("status").textContent.endsWith("…")) $("status").textContent = "Connected.";
  } catch {
    $("status").textContent = "The server does not answer. Trying again…";
  }
  setTimeout(watch, 1000);
}

for (const [label, action] of actions) {
  $("actions").append(button(label, () => ask("POST", `conversations/${chosen}/agent`, action)));
}
for (const [label, path, body] of moves) {
  $("moves").append(button(label, () => ask("POST", `conversations/${chosen}/${path}`, body)));
}
for (const made of document.querySelectorAll("[data-post]")) {
  made.addEventListener("click", () =>
    attempt(made.textContent, () => ask("POST", made.dataset.post, JSON.parse(made.dataset.body))));
}
$("clear-faults").addEventListener("click", () => attempt("Clear faults", () => ask("DELETE", "faults")));
$("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = $("words").value;
  $("words").value = "";
  attempt("Say", () => ask("POST", `conversations/${chosen}/agent`, { say: words }));
});
$("fault").addEventListener("submit", (event) => {
  event.preventDefault();
  const wishes = new FormData(event.target);
  const kind = wishes.get("kind");
  const details = {
    status: { code: 500, body: "Internal Server Error" },
    delay: { ms: 3000 },
    delayAnswer: { ms: 3000 },
    body: { body: "<html>not what you expected</html>", contentType: "text/html" },
  };
  const order = { noun: wishes.get("noun"), times: Number(wishes.get("times")), action: { kind, ...details[kind] } };
  attempt("Add fault", () => ask("POST", "faults", order));
});
watch();
