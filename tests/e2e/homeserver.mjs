// What the tests against Matrix need beside the harness: a homeserver of their own, agents with a client that is not ours,
// and the homeserver's own record of a room.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { Server, Visitor, until } from './harness.mjs';

const root = process.env.HOLDFAST_ROOT ?? new URL('../..', import.meta.url).pathname;
const python = process.env.HOLDFAST_PYTHON ?? 'python3';
const program = join(root, 'xtask/homeserver/homeserver.py');
/** What serves: that program, or the one that scales it out. */
const serving = process.env.HOLDFAST_WORKERS ? join(root, 'xtask/homeserver/workers.py') : program;
/** The same as in that program. */
export const jwtSecret = 'of-this-machine-only-and-long-enough-for-it';
const password = 'of-this-machine-only';

let folder;

/** Prepares what every homeserver of a file of tests begins with: a database, and two agents. */
export function useHomeserver() {
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-matrix-'));
    const server = await Homeserver.start(join(folder, 'fresh'));
    for (const [name, shown] of [['support', 'Noor B.'], ['night', 'Ilse V.']]) await server.account(name, shown);
    await server.stop();
  });
  after(() => rm(folder, { recursive: true, force: true }));
}

/** A test with a homeserver and an agent of its own. */
export function scenario(name, run, { settings = {}, attributes = {}, context = {}, invites = 'support', timeout = 300_000 } = {}) {
  test(name, { timeout }, async () => {
    const site = await Server.start();
    const home = await mkdtemp(join(folder, 'run-'));
    await cp(join(folder, 'fresh'), home, { recursive: true });
    const homeserver = await Homeserver.start(home, settings);
    const visitors = [];
    const agents = [];
    const hire = async (user = 'support') => {
      const agent = await Agent.arrive(homeserver, user);
      agents.push(agent);
      return agent;
    };
    const visit = (options = {}) => {
      const query = new URLSearchParams({
        protocol: 'matrix', endpoint: homeserver.origin, ...(invites && { support: `@${invites}:chat.example.test` }), ...attributes,
      });
      return Visitor.arrive(site, visitors, { page: `/pages/backend.html?${query}`, ...context, ...options });
    };
    try {
      await run({ homeserver, hire, visit });
    } catch (error) {
      for (const visitor of visitors) error.message += `\n--- the page said:\n${visitor.said.join('\n')}`;
      for (const agent of agents) error.message += `\n--- ${agent.user} heard:\n${JSON.stringify(agent.news)}`;
      throw error;
    } finally {
      await Promise.all(visitors.filter(({ isFirst }) => isFirst).map(({ context }) => context.close()));
      for (const agent of agents) agent.stop();
      await homeserver.stop();
      await site.stop();
    }
  });
}

/** A homeserver that keeps everything in a folder. */
export class Homeserver {
  static async start(folder, settings = {}) {
    const server = new Homeserver(folder, await freePort(), settings);
    await server.begin();
    return server;
  }

  constructor(folder, port, settings) {
    Object.assign(this, { folder, port, settings, origin: `http://127.0.0.1:${port}`, tokens: {} });
  }

  /** Starts it, or starts it again. */
  async begin() {
    const words = [serving, 'serve', this.folder, `${this.port}`, JSON.stringify(this.settings)];
    this.child = spawn(python, words, { stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    this.child.stderr.on('data', (data) => { complaint += data; });
    let isOver = false;
    this.child.once('exit', () => { isOver = true; });
    await until(async () => {
      if (isOver) throw new Error(`the homeserver ended: ${complaint}`);
      return fetch(`${this.origin}/health`).then(({ ok }) => ok, () => false);
    }, 'the homeserver is there', { within: 120_000 });
  }

  /** Ends it as a machine does that loses its power. */
  async kill(signal = 'SIGKILL') {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill(signal);
      await ended;
    }
  }

  stop() { return this.kill('SIGTERM'); }

  async account(name, shown) {
    const child = spawn(python, [program, 'account', `${this.port}`, name, password, shown], { stdio: 'inherit' });
    const code = await new Promise((resolve) => child.once('exit', resolve));
    assert.equal(code, 0, `${name} has an account`);
  }

  /** Asks the homeserver as somebody who has a token. */
  async ask(method, path, { token, body } = {}) {
    const headers = { ...(token && { Authorization: `Bearer ${token}` }), 'Content-Type': 'application/json' };
    const answer = await fetch(`${this.origin}${path}`, { method, headers, body: body && JSON.stringify(body) });
    return { status: answer.status, ...(await answer.json()) };
  }

  /** The token of an agent, to look into rooms with. */
  async token(user = 'support') {
    const login = () => this.ask('POST', '/_matrix/client/v3/login', {
      body: { type: 'm.login.password', identifier: { type: 'm.id.user', user }, password },
    });
    return this.tokens[user] ??= (await login()).access_token;
  }

  /** The messages of a room, oldest first, as the homeserver has them. */
  async messages(room, user = 'support') {
    const token = await this.token(user);
    const filter = encodeURIComponent(JSON.stringify({ types: ['m.room.message'] }));
    const path = `/_matrix/client/v3/rooms/${encodeURIComponent(room)}/messages?dir=b&limit=1000&filter=${filter}`;
    const { chunk = [] } = await this.ask('GET', path, { token });
    return chunk.reverse();
  }

  /** What a visitor said, in the order in which the homeserver has it. */
  async delivered(room) {
    return (await this.messages(room)).filter(({ sender }) => sender.startsWith('@v-')).map(({ content }) => content.body);
  }
}

/** An agent with a client of somebody else's. */
export class Agent {
  static async arrive(homeserver, user) {
    const words = [join(root, 'tests/e2e/agent.py'), homeserver.origin, `@${user}:chat.example.test`, password];
    const agent = new Agent(homeserver, user, spawn(python, words, { stdio: ['pipe', 'pipe', 'inherit'] }));
    await agent.hears(({ ready }) => ready, 'is there');
    return agent;
  }

  constructor(homeserver, user, child) {
    Object.assign(this, { homeserver, user, child, news: [] });
    createInterface({ input: child.stdout }).on('line', (line) => this.news.push({ at: Date.now(), ...JSON.parse(line) }));
  }

  stop() { this.child.kill(); }

  wish(wish) { this.child.stdin.write(`${JSON.stringify(wish)}\n`); }

  /** Says something, and waits until the homeserver has it. */
  async say(text, content = {}) {
    this.wish({ say: text, content });
    return this.hears(({ said }) => said == text, `says ${text}`);
  }

  /** Waits for news like this, and returns them. */
  async hears(is, what) {
    await until(() => this.news.some(is), () => `${this.user} ${what}; heard ${JSON.stringify(this.news)}`);
    return this.news.find(is);
  }

  /** The room that was heard of last. */
  get room() { return this.news.findLast(({ room }) => room)?.room; }

  /** What the visitor said, as it was heard. */
  get heard() { return this.news.filter(({ heard, by }) => heard && by.startsWith('@v-')).map(({ heard }) => heard); }
}

/** The visitor has met an agent and both have said something. */
export async function conversation({ hire, visit }) {
  const agent = await hire();
  const visitor = await visit();
  await visitor.open();
  await visitor.sees('Noor B. joined the chat');
  await agent.hears(({ member }) => member?.startsWith('@support'), 'is in the room');
  await agent.say('How can I help?');
  await visitor.sees('How can I help?');
  await visitor.send('before');
  await visitor.settled(['How can I help?', 'before']);
  return { agent, visitor };
}

/** Everything the visitor said is in the room once, and shown once, in order. */
export async function arrives({ homeserver, agent, visitor }, words) {
  await until(async () => (await homeserver.delivered(agent.room)).length >= words.length, async () =>
    `${words.length} messages are in the room; there are ${JSON.stringify(await homeserver.delivered(agent.room))}`);
  await visitor.settled(words);
  assert.deepEqual(await homeserver.delivered(agent.room), words);
  const shown = await visitor.words();
  assert.equal(new Set(shown).size, shown.length, `shown twice: ${shown}`);
}

/** The requests of a page whose address says this: `meddle` decides their fate. */
export function meddle(visitor, part, meddle) {
  return visitor.page.context().route((url) => url.href.includes(part), meddle);
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
