// A visitor and an agent before a homeserver that is scaled out, whose processes die one after the other while they talk.
// Run by `cargo xtask test --only workers`, which makes every homeserver of the tests a scaled-out one.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until, useBrowser } from './harness.mjs';
import { conversation, scenario, useHomeserver } from './homeserver.mjs';

/** What is killed together, one after the other. Either half of a pair may be the one that serves this room. */
const plan = [['client1'], ['client2'], ['events1'], ['events2'], ['client1', 'client2'], ['main'], ['redis'], ['postgres']];
/** Seconds between one and the next, in which all is well again for a while. */
const between = 16;
const seconds = between * (plan.length + 0.5);
const perSecond = 3;

useBrowser();
useHomeserver();

scenario('one worker after the other is killed while a visitor and an agent talk', async ({ homeserver, hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  const failed = {};
  const fails = (part) => { failed[part] = (failed[part] ?? 0) + 1; };
  visitor.page.on('response', (answer) => { if (answer.status() >= 500) fails(`${kind(answer.url())} ${answer.status()}`); });
  visitor.page.on('requestfailed', (request) => fails(`${kind(request.url())} ${request.failure().errorText}`));
  await visitor.page.evaluate(noteWhatIsShown);
  const said = { visitor: new Map(), agent: new Map() };

  const away = Promise.all(plan.map(async (names, place) => {
    await pause(between * (place + 0.5) * 1000);
    return [names.join(), await Promise.all(names.map((name) => strike(homeserver, name)))];
  }));
  await Promise.all([
    talk(said.visitor, (text) => visitor.send(text), 'question'),
    talk(said.agent, (text) => agent.wish({ say: text }), 'answer'),
  ]);
  const strikes = await away;

  const [questions, answers] = [said.visitor, said.agent].map((words) => [...words.keys()]);
  const isLast = ({ heard, said }) => heard == questions.at(-1) || said == answers.at(-1);
  // A slow machine has a queue to work off.
  await until(() => agent.news.filter(isLast).length == 2, 'the last words were said and heard', { within: 300_000 });
  await visitor.sees(answers.at(-1));
  const record = await homeserver.messages(agent.room);
  const of = (sender) => record.filter((event) => event.sender.startsWith(sender)).map(({ content }) => content.body);
  // Lines far above the end are there, but nobody draws them.
  const words = await visitor.log.locator('[part=bubble]').evaluateAll((nodes) => nodes.map((node) => node.textContent.trim()));
  const shown = { questions: words.filter((word) => said.visitor.has(word)), answers: words.filter((word) => said.agent.has(word)) };
  const heardAt = new Map(agent.news.filter(({ heard }) => said.visitor.has(heard)).map(({ heard, at }) => [heard, at]));
  const shownAt = new Map(await visitor.page.evaluate(() => window.shown));

  console.log(JSON.stringify({
    killedAndBackInMs: Object.fromEntries(strikes),
    questions: { ...counted(questions, of('@v-')), shown: counted(questions, shown.questions), ...times(said.visitor, heardAt) },
    answers: { ...counted(answers, of('@support')), shown: counted(answers, shown.answers), ...times(said.agent, shownAt) },
    failedForTheVisitor: failed,
    triedAgainByTheAgent: agent.news.reduce((sum, { tries = 1 }) => sum + tries - 1, 0),
    handedOnByNginx: (await readFile(join(homeserver.folder, 'access.log'), 'utf8')).match(/\[[^\],]+, /g)?.length ?? 0,
  }, null, 1));

  assert.deepEqual(of('@v-'), ['before', ...questions]);
  assert.deepEqual(of('@support'), ['How can I help?', ...answers]);
  assert.deepEqual(agent.heard, ['before', ...questions]);
  assert.deepEqual(shown, { questions, answers });
}, { timeout: 600_000 });

/** Says something again and again, and notes when. */
async function talk(said, say, what) {
  const start = Date.now();
  for (let n = 1; n <= seconds * perSecond; n++) {
    const text = `${what} ${n}`;
    said.set(text, Date.now());
    await say(text);
    await pause(start + (n * 1000) / perSecond - Date.now());
  }
}

/** Kills a process, and returns how many milliseconds passed until it was back. */
async function strike({ folder }, name) {
  const sign = () => readFile(join(folder, 'run', `${name}.pid`), 'utf8').catch(() => '');
  const before = await sign();
  assert.ok(before, `${name} is a process of its own; HOLDFAST_WORKERS is to be set`);
  const at = Date.now();
  process.kill(Number(before), 'SIGKILL');
  await until(async () => ![before, ''].includes(await sign()), `${name} is back`);
  return Date.now() - at;
}

/** How often words are missing or stand there twice. */
function counted(wanted, found) {
  const there = new Set(found);
  return { said: wanted.length, lost: wanted.filter((word) => !there.has(word)).length, doubled: found.length - there.size };
}

/** From the first word said to the last one heard, the longest time between two that were heard, and how long one took, in ms. */
function times(said, heard) {
  const at = [...heard.values()];
  const took = [...heard].map(([word, time]) => time - said.get(word)).sort((a, b) => a - b);
  return {
    duration: at.at(-1) - Math.min(...said.values()),
    longestGap: Math.max(...at.slice(1).map((time, n) => time - at[n])),
    median: took[took.length >> 1],
    slowest: took.at(-1),
  };
}

/** A script of the page: notes what is shown, and when. */
function noteWhatIsShown() {
  const log = document.querySelector('holdfast-chat').shadowRoot.querySelector('[role=log]');
  const seen = new Map();
  new MutationObserver(() => {
    for (const node of [...log.querySelectorAll('[part=bubble]')].slice(-200)) {
      const text = node.textContent.trim();
      if (!seen.has(text)) seen.set(text, Date.now());
    }
    window.shown = [...seen].filter(([text]) => text.startsWith('answer'));
  }).observe(log, { childList: true, subtree: true });
}

function kind(url) {
  return /\/(sync|send|typing|receipt|messages)\b/.exec(new URL(url).pathname)?.[1] ?? 'other';
}

const pause = (duration) => new Promise((resolve) => setTimeout(resolve, duration));
