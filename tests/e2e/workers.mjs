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

  const struck = Promise.all(plan.map(async (names, place) => {
    await pause(between * (place + 0.5) * 1000);
    const at = Date.now();
    return { names, at, backAfter: Math.max(...await Promise.all(names.map((name) => strike(homeserver, name)))) };
  }));
  await Promise.all([
    talk(said.visitor, (text) => visitor.send(text), 'question'),
    talk(said.agent, (text) => agent.wish({ say: text }), 'answer'),
  ]);
  const strikes = await struck;

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

  const ends = [...strikes.slice(1).map(({ at }) => at), Infinity];
  const sentAt = new Map(agent.news.filter(({ said: word }) => said.agent.has(word)).map(({ said: word, at }) => [word, at]));
  console.table(strikes.map(({ names, at, backAfter }, place) => ({
    killed: names.join(' and '),
    backAfter,
    pauseOfQuestions: longestGap(heardAt, at, ends[place]),
    pauseOfAnswers: longestGap(shownAt, at, ends[place]),
    pauseOfTheAgent: longestGap(sentAt, at, ends[place]),
  })));
  console.log(JSON.stringify({
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

/** From the first word said to the last one heard, and how long one took, in ms. */
function times(said, heard) {
  const took = [...heard].map(([word, time]) => time - said.get(word)).sort((a, b) => a - b);
  return { duration: Math.max(...heard.values()) - Math.min(...said.values()), median: took[took.length >> 1], slowest: took.at(-1) };
}

/** The longest time between one word and the next that came in this span, in ms. */
function longestGap(heard, from, until) {
  const at = [...heard.values()];
  return Math.max(0, ...at.slice(1).map((time, n) => (time >= from && time < until ? time - at[n] : 0)));
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
