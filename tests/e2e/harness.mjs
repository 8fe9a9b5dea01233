// What every end-to-end test needs: a local server of its own, a page with the widget, and the server's own record.
// Nothing here knows the widget's inside; it clicks and reads by accessible names, as a visitor would.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { chromium } from 'playwright-core';

const arguments_ = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

let browser;

/** Starts a browser for all tests of a file. */
export function useBrowser(options = {}) {
  before(async () => {
    browser = await chromium.launch({ executablePath: process.env.CHROME ?? '/usr/bin/chromium', args: arguments_, ...options });
  });
  after(() => browser?.close());
}

/** A test with a server and a visitor of its own. Fails when the server saw anything that the protocol forbids. */
export function scenario(name, run, { settings = {}, context = {}, violations = 0 } = {}) {
  test(name, { timeout: 120_000 }, async (t) => {
    const server = await Server.start();
    const visitors = [];
    try {
      await server.post('settings', settings);
      const visit = (options = {}) => Visitor.arrive(server, visitors, { ...context, ...options });
      await run({ server, visit, t });
      const told = await server.violations();
      if (told.length > violations) throw new Error(`protocol violations: ${JSON.stringify(told)}`);
    } catch (error) {
      for (const visitor of visitors) error.message += `\n--- the page said:\n${visitor.said.join('\n')}`;
      const record = await server.record().catch(() => undefined);
      if (record) error.message += `\n--- the server saw:\n${describe(record)}`;
      throw error;
    } finally {
      await Promise.all(visitors.filter(({ isFirst }) => isFirst).map(({ context }) => context.close()));
      await server.stop();
    }
  });
}

/** The local server, and its record of what it was sent. */
export class Server {
  static async start() {
    const root = process.env.HOLDFAST_ROOT ?? new URL('../..', import.meta.url).pathname;
    const program = process.env.HOLDFAST_SERVER ?? `${root}/target/debug/holdfast-server`;
    const child = spawn(program, ['demo', '--quick', '--port', '0', '--root', root], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface({ input: child.stdout });
    const line = await new Promise((resolve, reject) => {
      lines.once('line', resolve);
      child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
      child.once('error', reject);
    });
    return new Server(child, line.split(' ').at(-1).replace(/\/$/, ''));
  }

  constructor(child, origin) {
    this.child = child;
    this.origin = origin;
  }

  stop() {
    const stopped = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill();
    return stopped;
  }

  async ask(method, path, body) {
    const answer = await fetch(`${this.origin}/control/${path}`, { method, body: body && JSON.stringify(body) });
    const told = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(told)}`);
    return told;
  }

  get(path) { return this.ask('GET', path); }
  post(path, body = {}) { return this.ask('POST', path, body); }

  /** The record of the newest conversation. */
  record(id = 'latest') { return this.get(`conversations/${id}`); }

  /** What the visitors' messages were, as delivered, in order. */
  async delivered(id) { return (await this.record(id)).delivered.map(({ text }) => text); }

  /** Everything that the protocol forbids and that happened. */
  async violations() {
    const conversations = await this.get('conversations');
    const records = await Promise.all(conversations.map(({ id }) => this.record(id)));
    return [...records.flatMap((record) => record.violations), ...(await this.get('violations'))];
  }

  agent(action, id = 'latest') { return this.post(`conversations/${id}/agent`, action); }
  accept(name = 'Noor B.') { return this.agent({ accept: { name } }); }
  say(text) { return this.agent({ say: text }); }
  rotate(options = {}) { return this.post('conversations/latest/rotate', options); }
  fault(fault) { return this.post('faults', fault); }

  /** Waits until a fault has struck. */
  struck({ id }) {
    return until(async () => (await this.get('faults')).some((fault) => fault.id == id && fault.hits > 0), `fault ${id} strikes`);
  }

  /** Waits until the newest record fulfils a condition. */
  until(condition, what) {
    return until(async () => {
      const { length } = await this.get('conversations');
      return length > 0 && condition(await this.record());
    }, what);
  }
}

/** A visitor in a browser of their own. */
export class Visitor {
  static async arrive(server, known, { page: path = '/pages/plain.html', script, ...options } = {}) {
    const context = await browser.newContext(options);
    if (script) await context.addInitScript(script);
    const visitor = new Visitor({ context, page: await context.newPage(), server, known, isFirst: true });
    await visitor.page.goto(server.origin + path);
    return visitor;
  }

  /** `asked` are the backend's resources that this tab asked for. */
  constructor(parts) {
    Object.assign(this, parts, { said: [], asked: [] });
    this.known.push(this);
    this.page.on('console', (message) => this.said.push(`${message.type()}: ${message.text()}`));
    this.page.on('pageerror', (error) => this.said.push(`error: ${error.message}`));
    this.page.on('request', (request) => {
      const [, noun] = /\/chat\/rest\/\w+\/(\w+)/.exec(request.url()) ?? [];
      if (noun && request.method() != 'OPTIONS') this.asked.push(noun);
    });
  }

  /** The same visitor in another tab of the same browser. */
  tab(page) {
    return new Visitor({ context: this.context, page, server: this.server, known: this.known, isFirst: false });
  }

  /** A tab like this one, made by the browser: what this one stored is copied. */
  async duplicate() {
    const opened = this.page.waitForEvent('popup');
    await this.page.evaluate(() => { window.open(location.href); });
    const tab = this.tab(await opened);
    await tab.launcher.waitFor({ state: 'attached' });
    return tab;
  }

  /** A new tab that finds `records` stored, all that this one has by default; it has a process of its own. */
  async copy(records) {
    const copied = records ?? await this.records();
    const tab = this.tab(await this.context.newPage());
    await tab.page.addInitScript((records) => {
      if (!sessionStorage.copied) Object.assign(sessionStorage, records, { copied: true });
    }, copied);
    await tab.page.goto(this.page.url());
    return tab;
  }

  /** What this tab has stored. */
  records() { return this.page.evaluate(() => ({ ...sessionStorage })); }

  get launcher() { return this.page.getByRole('button', { name: /^(Open|Close) chat/ }); }
  get panel() { return this.page.getByRole('region', { name: 'Chat', exact: true }); }
  get log() { return this.page.getByRole('log', { name: 'Conversation' }); }
  get box() { return this.page.getByRole('textbox', { name: 'Message' }); }
  button(name) { return this.panel.getByRole('button', { name, exact: true }); }

  async open() { await this.page.getByRole('button', { name: 'Open chat' }).click(); }

  /** Types and sends. */
  async send(text) {
    await this.box.fill(text);
    await this.box.press('Enter');
  }

  /** Opens, and waits until an agent is there. */
  async meet(name = 'Noor B.') {
    await this.open();
    await this.server.until((record) => record.phase == 'queued', 'the conversation is queued');
    await this.server.accept(name);
    await this.sees(`${name}`);
    return this;
  }

  /** Waits until a text stands in the panel. */
  sees(text) { return this.panel.getByText(text).first().waitFor(); }

  /** What was said, in order: the words of all messages, or only of those in the transcript, without what is pending. */
  async words(where = '[role=log]') {
    return this.page.evaluate((where) => {
      const root = document.querySelector('holdfast-chat').shadowRoot;
      return [...root.querySelectorAll(`${where} [part=bubble]`)].map((node) => node.innerText.trim());
    }, where);
  }

  /** Waits until all these words stand in the transcript, in this order: heard, or known to be delivered. */
  settled(words) {
    return until(async () => {
      const shown = await this.words('[role=log] .pages');
      return JSON.stringify(shown.filter((word) => words.includes(word))) == JSON.stringify(words);
    }, () => this.words().then((shown) => `${JSON.stringify(words)} are shown; shown are ${JSON.stringify(shown)}`));
  }
}

/** The agent has met the visitor and both have said something. */
export async function conversation({ server, visit }) {
  const visitor = await visit();
  await visitor.meet();
  await server.say('How can I help?');
  await visitor.sees('How can I help?');
  await visitor.send('before');
  await visitor.settled(['How can I help?', 'before']);
  return visitor;
}

/** Everything is delivered once, and shown once, in order. */
export async function arrives(server, visitor, words) {
  await until(async () => (await server.delivered()).length >= words.length, async () =>
    `${words.length} messages are delivered; they are ${JSON.stringify(await server.delivered())}`);
  await visitor.settled(words);
  assert.deepEqual(await server.delivered(), words);
  const shown = await visitor.words();
  assert.equal(new Set(shown).size, shown.length, `shown twice: ${shown}`);
  assert.ok((await server.record()).maxOpenPolls <= 1, 'one poll at a time');
  assert.ok((await server.record()).maxOpenPosts <= 1, 'one post at a time');
}

/** A script of a page that can sleep: sets its clock forward by what it slept. */
export function canSleep() {
  const { now } = Date;
  window.slept = 0;
  Date.now = () => now() + window.slept;
}

/** Stops the page; `meanwhile` happens, and then it is an hour later. */
export async function sleep(visitor, meanwhile = () => {}) {
  const session = await visitor.context.newCDPSession(visitor.page);
  await session.send('Debugger.enable');
  const paused = new Promise((resolve) => session.once('Debugger.paused', resolve));
  await session.send('Debugger.pause');
  // The debugger stops before the next line of script.
  const next = visitor.page.evaluate(() => {});
  const { callFrames: [{ callFrameId }] } = await paused;
  await meanwhile();
  await session.send('Debugger.evaluateOnCallFrame', { callFrameId, expression: 'globalThis.slept += 3_600_000' });
  await session.send('Debugger.resume');
  await next;
  await session.detach();
}

/** Waits until a condition is fulfilled, within so many milliseconds and the test's own time limit. */
export async function until(condition, what, { within = 45_000 } = {}) {
  const end = Date.now() + within;
  for (;;) {
    if (await condition()) return;
    if (Date.now() > end) throw new Error(`waited in vain until ${typeof what == 'function' ? await what() : what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

function describe(record) {
  const requests = record.requests.map((request) =>
    `${request.number} ${request.method} ${request.noun} seq=${request.sequence} ack=${request.ack} -> ${request.status} ${request.outcome}`);
  return [`phase ${record.phase}`, `delivered ${JSON.stringify(record.delivered)}`, ...requests.slice(-60)].join('\n');
}
