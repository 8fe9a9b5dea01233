// What a backend asks before, instead of and after a chat: filled in by keyboard, kept over a reload, told when something
// is missing, left as a message, answered or skipped. The local server has a survey of each kind.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { scenario, until, useBrowser } from './harness.mjs';

useBrowser();

const page = `/pages/backend.html?${new URLSearchParams({
  protocol: 'liveperson', endpoint: '/liveperson', 'account-id': '55510001', skill: 'Billing', 'app-key': 'demo',
})}`;
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A visitor of a backend that asks what stands in `surveys`, and nothing else. */
const asks = (name, surveys, run, settings = {}) => {
  const none = { preSurvey: null, offlineSurvey: null, exitSurvey: null };
  for (const kind of surveys) delete none[kind];
  return scenario(name, run, { context: { page }, settings: { ...settings, liveperson: none } });
};

const form = (visitor, name) => visitor.panel.getByRole('form', { name });
const field = (visitor, role, name) => visitor.panel.getByRole(role, { name });

/** Every answer that the newest conversation has in its record, by question. */
async function answers(server) {
  const { events } = await server.record();
  const given = events.flatMap((event) => event.answers ?? event.survey?.answers ?? event.survey?.question ?? []);
  return Object.fromEntries(given.map((one) => Array.isArray(one) ? [one[0], one[1].join()] : [one.id, `${one.answer}`]));
}

/** What axe finds wrong with the widget. */
async function flaws(visitor) {
  await visitor.page.evaluate(axe);
  const { violations } = await visitor.page.evaluate(() => window.axe.run('holdfast-chat'));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

asks('a form before a chat is filled in by keyboard alone', ['preSurvey'], async ({ server, visit }) => {
  const visitor = await visit();
  const { keyboard } = visitor.page;
  await visitor.launcher.focus();
  await keyboard.press('Enter');
  await form(visitor, 'Before we start').waitFor();
  await visitor.sees('A few words, so that the right person answers.');
  await visitor.page.waitForFunction(() => document.activeElement.shadowRoot?.activeElement?.closest('[part=form]'));
  const press = async (key, name) => {
    for (let tries = 0; tries < 10; tries += 1) {
      const focused = await visitor.page.evaluate(() => {
        const { activeElement } = document.activeElement.shadowRoot;
        return activeElement.labels?.[0]?.innerText ?? activeElement.innerText ?? '';
      });
      if (focused.startsWith(name)) return keyboard.type(key);
      await keyboard.press('Tab');
    }
    throw new Error(`${name} is not reached by Tab`);
  };
  await press('Ines', 'Your name');
  await press('ines@example.net', 'Your e-mail');
  assert.equal(await field(visitor, 'textbox', /^Order number/).count(), 0, 'hidden until it is about an order');
  await press('An', 'What is it about?');
  await press('4711', 'Order number');
  await keyboard.press('Enter');
  await server.until((record) => record.phase == 'queued', 'the conversation is queued');
  assert.deepEqual(await answers(server), { 7001: 'Ines', 7002: 'ines@example.net', 7003: 'order', 7004: '4711' });
  await server.accept();
  await visitor.sees('Noor B.');
  await visitor.send('hello');
  await visitor.settled(['hello']);
});

asks('a reload in the middle of a form keeps what was typed', ['preSurvey'], async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.open();
  await field(visitor, 'textbox', /^Your name/).fill('Ines');
  await field(visitor, 'combobox', /^What is it about/).selectOption({ label: 'An order' });
  await field(visitor, 'textbox', /^Order number/).fill('47');
  await visitor.page.reload();
  assert.equal(await field(visitor, 'textbox', /^Your name/).inputValue(), 'Ines');
  assert.equal(await field(visitor, 'textbox', /^Order number/).inputValue(), '47');
  assert.equal(await field(visitor, 'combobox', /^What is it about/).inputValue(), 'order');
  assert.deepEqual(await server.get('conversations'), []);
  await visitor.button('Start chat').click();
  await server.until((record) => record.phase == 'queued', 'the conversation is queued');
  assert.deepEqual(await answers(server), { 7001: 'Ines', 7003: 'order', 7004: '47' });
});

asks('what is missing is told and focused, and nothing is sent', ['preSurvey'], async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.open();
  const name = field(visitor, 'textbox', /^Your name/);
  await name.waitFor();
  await field(visitor, 'textbox', /^Your e-mail/).fill('nobody');
  await visitor.button('Start chat').click();
  await visitor.sees('Please check your answers.');
  await visitor.sees('Please answer this question.');
  await visitor.sees('Please enter an e-mail address');
  assert.equal(await name.getAttribute('aria-invalid'), 'true');
  assert.ok(await name.evaluate((node) => node.getRootNode().activeElement == node), 'the first of them has the focus');
  assert.deepEqual(await server.get('conversations'), []);
  await visitor.page.keyboard.type('Ines');
  await field(visitor, 'textbox', /^Your e-mail/).fill('');
  await visitor.button('Start chat').click();
  await server.until((record) => record.phase == 'queued', 'the conversation is queued');
  assert.deepEqual(await answers(server), { 7001: 'Ines', 7003: 'other' });
});

asks('a message is left where nobody is there', ['offlineSurvey'], async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.open();
  await form(visitor, 'We are not here').waitFor();
  await field(visitor, 'textbox', /^Your e-mail/).fill('ines@example.net');
  await field(visitor, 'textbox', /^Your message/).fill('Where is my order?\nIt was promised for today.');
  await visitor.button('Send').click();
  await visitor.sees('Your message is with us.');
  assert.deepEqual(await answers(server), { 7101: 'ines@example.net', 7102: 'Where is my order?\nIt was promised for today.' });
  const { events } = await server.record();
  assert.equal(events.find(({ type }) => type == 'survey').skill, 'Billing');
  assert.equal((await server.get('conversations')).length, 1);
}, { available: false });

asks('a message that is refused can be mended and left', ['offlineSurvey'], async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.open();
  await field(visitor, 'textbox', /^Your e-mail/).fill('ines@example.net');
  await field(visitor, 'textbox', /^Your message/).fill('Hello');
  await server.fault({ noun: 'offlineSurvey', times: 1, action: { kind: 'status', code: 400, body: 'no' } });
  await visitor.button('Send').click();
  await visitor.sees('Your answers were not accepted.');
  assert.equal(await field(visitor, 'textbox', /^Your message/).inputValue(), 'Hello');
  await visitor.button('Send').click();
  await visitor.sees('Your message is with us.');
  assert.equal((await answers(server))[7102], 'Hello');
}, { available: false });

asks('how it was is asked after the agent ended, beside what was said', ['exitSurvey'], async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.meet();
  await server.say('Goodbye');
  await visitor.sees('Goodbye');
  await server.agent({ end: {} });
  await form(visitor, 'How was it?').waitFor();
  assert.deepEqual(await visitor.words(), ['Goodbye']);
  await field(visitor, 'radio', 'Not at all').check();
  await field(visitor, 'textbox', /^What could be better/).fill('Shorter queues');
  await field(visitor, 'checkbox', 'Delivery').check();
  await field(visitor, 'checkbox', 'Price').check();
  await visitor.button('Send').click();
  await form(visitor, 'How was it?').waitFor({ state: 'detached' });
  assert.deepEqual(await answers(server), { 9001: '1', 9003: 'Shorter queues', 9002: 'Delivery,Price' });
  await visitor.button('Start chat').waitFor();
});

asks('how it was is not answered, and the next chat begins', ['exitSurvey'], async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.meet();
  await visitor.button('End chat').click();
  await visitor.button('End now').click();
  await form(visitor, 'How was it?').waitFor();
  await visitor.button('Skip').click();
  await form(visitor, 'How was it?').waitFor({ state: 'detached' });
  assert.deepEqual(await answers(server), {});
  await visitor.button('Start chat').click();
  await until(async () => (await server.get('conversations')).length == 2, 'a second conversation begins');
});

asks('a copy of the chat is mailed to whoever wants one', [], async ({ server, visit }) => {
  const visitor = await visit({ page: `${page}&transcript=on` });
  await visitor.meet();
  await server.agent({ end: {} });
  await form(visitor, 'Keep a copy').waitFor();
  await field(visitor, 'textbox', /^Send a copy of this chat/).fill('mira@example');
  await visitor.button('Send').click();
  await visitor.sees('Please enter an e-mail address');
  await field(visitor, 'textbox', /^Send a copy of this chat/).fill('mira@example.test');
  await visitor.button('Send').click();
  await form(visitor, 'Keep a copy').waitFor({ state: 'detached' });
  await server.until(({ events }) => events.some(({ type, email }) => type == 'transcript' && email == 'mira@example.test'), 'the copy is asked for');
});

for (const colorScheme of ['light', 'dark']) {
  const all = ['preSurvey', 'offlineSurvey', 'exitSurvey'];
  asks(`axe finds nothing in any form, ${colorScheme}`, all, async ({ server, visit }) => {
    const visitor = await visit({ colorScheme, reducedMotion: 'reduce' });
    await visitor.open();
    await form(visitor, 'Before we start').waitFor();
    await photograph(visitor, `before-${colorScheme}`);
    assert.deepEqual(await flaws(visitor), [], 'before a chat');
    await visitor.button('Start chat').click();
    await visitor.sees('Please answer this question.');
    await photograph(visitor, `problem-${colorScheme}`);
    assert.deepEqual(await flaws(visitor), [], 'with something missing');
    await field(visitor, 'textbox', /^Your name/).fill('Ines');
    await visitor.button('Start chat').click();
    await server.until((record) => record.phase == 'queued', 'the conversation is queued');
    await server.accept();
    await visitor.sees('Noor B.');
    await server.say('Good morning');
    await visitor.sees('Good morning');
    await server.agent({ end: {} });
    await field(visitor, 'radio', 'Not at all').check();
    await photograph(visitor, `after-${colorScheme}`);
    assert.deepEqual(await flaws(visitor), [], 'after a chat');
    await server.post('settings', { available: false });
    await visitor.button('Skip').click();
    await visitor.button('Start chat').click();
    await form(visitor, 'We are not here').waitFor();
    await photograph(visitor, `instead-${colorScheme}`);
    assert.deepEqual(await flaws(visitor), [], 'instead of a chat');
  });
}

asks('a form fits a telephone', ['preSurvey'], async ({ visit }) => {
  const visitor = await visit({ viewport: { width: 360, height: 640 }, isMobile: true, hasTouch: true });
  await visitor.open();
  await form(visitor, 'Before we start').waitFor();
  await field(visitor, 'combobox', /^What is it about/).selectOption({ label: 'An order' });
  await photograph(visitor, 'phone');
  const widths = await form(visitor, 'Before we start').evaluate((node) => [node.scrollWidth, node.clientWidth]);
  assert.ok(widths[0] <= widths[1], `nothing sticks out: ${widths}`);
  const { height } = await field(visitor, 'textbox', /^Your name/).boundingBox();
  assert.ok(height >= 44, `a finger hits it: ${height}`);
});

/** A picture for whoever wants to look: `PICTURES` names a folder. */
async function photograph(visitor, name) {
  if (process.env.PICTURES) await visitor.page.screenshot({ path: `${process.env.PICTURES}/${name}.png` });
}
