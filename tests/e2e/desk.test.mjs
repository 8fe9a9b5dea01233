// The agent's desk: people of flesh on both sides of every backend.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { scenario, until, useBrowser } from './harness.mjs';

useBrowser();

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const page = (attributes) => `/pages/backend.html?${new URLSearchParams(attributes)}`;

/** A page for each backend, under the name by which the desk calls it, and what the server is told beforehand. */
const backends = {
  'Live Agent': { page: '/pages/plain.html' },
  Genesys: { page: page({ protocol: 'genesys', endpoint: '/', tenant: '101' }) },
  LivePerson: {
    page: page({ protocol: 'liveperson', endpoint: '/liveperson', 'account-id': '55510001', skill: 'Billing', 'app-key': 'demo' }),
    settings: { liveperson: { preSurvey: null, offlineSurvey: null, exitSurvey: null } },
  },
  SuperOffice: {
    page: page({ protocol: 'superoffice', endpoint: '/so', 'topic-id': '2' }),
    settings: { superoffice: { topics: { 2: { WelcomeMessage: '' } } } },
  },
};

/** An agent at a desk, in a browser of their own. */
class Agent {
  static async arrive(visit, name, options = {}) {
    const guest = await visit({ page: '/desk/', ...options });
    const agent = new Agent(guest, name);
    if (name) {
      await agent.page.getByLabel('Your name').fill(name);
      await agent.page.keyboard.press('Enter');
      await agent.page.getByRole('heading', { name, level: 1 }).waitFor();
    }
    return agent;
  }

  constructor(guest, name) {
    Object.assign(this, { name, page: guest.page, place: guest.page, said: guest.said, server: guest.server });
  }

  /** The same agent in one of several conversations that stand side by side. */
  with(name) {
    return Object.assign(Object.create(this), { place: this.page.getByRole('region', { name, exact: true }) });
  }

  get box() { return this.place.getByRole('textbox', { name: 'Message' }); }
  get log() { return this.place.getByRole('log', { name: 'Conversation' }); }
  get panes() { return this.page.getByRole('main').getByRole('region'); }
  get list() { return this.page.getByRole('list', { name: 'Your conversations' }); }
  get tabs() { return this.tab(/^(?!Open beside)/); }
  tab(name) { return this.list.getByRole('button', { name }); }
  button(name) { return this.place.getByRole('button', { name, exact: true }); }

  /** Waits until exactly these conversations are shown, in this order. */
  shows(names) {
    const shown = () => this.panes.getByRole('heading', { level: 2 }).allInnerTexts();
    return until(async () => JSON.stringify(await shown()) == JSON.stringify(names), async () =>
      `the desk shows ${JSON.stringify(names)}; it shows ${JSON.stringify(await shown())}`);
  }

  /** Waits until what is typed goes to this conversation. */
  writes() {
    return until(() => this.box.evaluate((box) => box.getRootNode().activeElement == box), 'the keyboard is in the message');
  }

  /** Waits until assistive technology is told this. */
  hears(text) { return this.page.getByRole('status').getByText(text, { exact: true }).waitFor({ state: 'attached' }); }

  /** Takes whoever waits, and waits until the conversation is there. */
  async accept(name = /^Accept (?!next)/) {
    await this.page.getByRole('button', { name }).first().click();
    await this.box.waitFor();
  }

  async say(text) {
    await this.box.fill(text);
    await this.box.press('Enter');
  }

  /** Waits until a text stands in the log. */
  sees(text) { return this.log.getByText(text).first().waitFor(); }

  /** What was said in the conversation that is looked at, what is on its way included. */
  words() { return this.log.locator('.bubble').allInnerTexts(); }

  /** Waits until exactly this was said. */
  settled(words) {
    return until(async () => JSON.stringify(await this.words()) == JSON.stringify(words)
      && await this.log.locator('.outbox > *').count() == 0, async () =>
      `the desk shows ${JSON.stringify(words)}; it shows ${JSON.stringify(await this.words())}`);
  }

  /** What axe finds wrong. */
  async flaws() {
    await this.page.evaluate(axe);
    const { violations } = await this.page.evaluate(() => window.axe.run());
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }
}

for (const [backend, { page, settings = {} }] of Object.entries(backends)) {
  scenario(`${backend}: an agent answers a visitor`, async ({ server, visit }) => {
    const agent = await Agent.arrive(visit, 'Ilse Vogt');
    const visitor = await visit({ page });
    await visitor.open();
    await agent.page.getByText(backend).first().waitFor();
    await agent.accept();
    await visitor.sees('Ilse Vogt');
    await visitor.send('My parcel is late');
    await agent.sees('My parcel is late');
    await agent.box.pressSequentially('Let me');
    await visitor.sees(/is typing/);
    await agent.say('Let me look.\nOne moment.');
    await agent.say('It comes today, see https://example.com/parcel');
    await visitor.sees('It comes today');
    await visitor.send('thank you');
    const all = ['My parcel is late', 'Let me look.\nOne moment.', 'It comes today, see https://example.com/parcel', 'thank you'];
    await agent.settled(all);
    assert.deepEqual(await visitor.words(), all);
    assert.deepEqual(await server.delivered(), ['My parcel is late', 'thank you']);
    await agent.button('End chat').click();
    await agent.button('End now').click();
    await agent.page.getByText('This chat has ended.').waitFor();
    await visitor.button('Start chat').waitFor();
    assert.deepEqual(await agent.words(), all, 'what was said stays readable');
    await agent.button('Close').click();
    await agent.page.getByText('Choose a conversation').waitFor();
    assert.equal(await agent.tabs.count(), 0);
  }, { settings });
}

const gms = page({ protocol: 'genesys', variant: 'gms', endpoint: '/', service: 'customer-support' });
const dialects = [...Object.values(backends).map(({ page }) => page), gms, backends['Live Agent'].page];

scenario('Genesys Mobile Services: the page shows the agent an address, which is a link where it leads to the web', async ({ server, visit }) => {
  const agent = await Agent.arrive(visit, 'Ilse Vogt');
  const visitor = await visit({ page: gms });
  await visitor.open();
  await agent.accept();
  await visitor.sees('Ilse Vogt');
  const address = 'https://example.com/kettle?a=1&b=<i>';
  await visitor.page.evaluate((address) => {
    window.told = [];
    addEventListener('holdfast-error', ({ detail }) => told.push(detail.message));
    const chat = document.querySelector('holdfast-chat');
    chat.notify('pushUrl', 'javascript:alert(1)');
    chat.notify('pushUrl', address);
  }, address);
  await agent.sees(/The visitor shows you a page/);
  const links = await agent.log.getByRole('link').evaluateAll((links) => links.map(({ href, rel, textContent }) => [href, rel, textContent]));
  assert.deepEqual(links, [['https://example.com/kettle?a=1&b=', 'noopener noreferrer nofollow', 'https://example.com/kettle?a=1&b=']]);
  assert.deepEqual(await agent.flaws(), []);
  const { events } = await server.record();
  assert.deepEqual(events.filter(({ type }) => type == 'pushUrl'), [{ type: 'pushUrl', url: address }]);
  assert.deepEqual(await visitor.page.evaluate(() => told), ['the event pushUrl was given up: this backend has no way to tell it']);
  await visitor.send('this one');
  await agent.settled(['this one']);
});

scenario('six visitors at once, on every backend, with unread marks and no mixed-up words', async ({ visit }) => {
  const agent = await Agent.arrive(visit, 'Ilse Vogt');
  const visitors = [];
  for (const [n, page] of dialects.entries()) {
    const visitor = await visit({ page });
    await visitor.open();
    await agent.page.getByRole('button', { name: /^Accept (?!next)/ }).waitFor();
    await agent.accept();
    await until(async () => await agent.tabs.count() == n + 1, `${n + 1} conversations are there`);
    visitors.push(visitor);
  }
  // The last one is looked at; the others write, each as often as it has a number.
  for (const [n, visitor] of visitors.slice(0, 4).entries()) {
    for (let m = 0; m <= n; m += 1) await visitor.send(`visitor ${n + 1}, message ${m + 1}`);
  }
  for (let n = 1; n <= 4; n += 1) {
    await agent.tab(new RegExp(`visitor ${n}, message ${n}.*${n} unread`)).waitFor();
  }
  await until(async () => await agent.page.title() == '(10) Desk · Holdfast', async () => `the title counts; it is ${await agent.page.title()}`);
  for (let n = 1; n <= 4; n += 1) {
    await agent.page.keyboard.press('Alt+Shift+ArrowDown');
    await agent.tab(new RegExp(`visitor ${n}, `)).and(agent.page.locator('[aria-current=true]')).waitFor();
    await agent.say(`answer ${n}`);
    await agent.settled([...Array.from({ length: n }, (_, m) => `visitor ${n}, message ${m + 1}`), `answer ${n}`]);
  }
  await until(async () => await agent.page.title() == 'Desk · Holdfast', 'nothing is unread');
  for (const [n, visitor] of visitors.slice(0, 4).entries()) {
    await visitor.sees(`answer ${n + 1}`);
    assert.deepEqual((await visitor.words()).filter((word) => word.startsWith('answer')), [`answer ${n + 1}`]);
  }
  assert.deepEqual(await visitors[4].words(), []);
}, { settings: backends.LivePerson.settings });

scenario('a reload of the desk in mid-conversation loses and repeats nothing', async ({ server, visit }) => {
  const agent = await Agent.arrive(visit, 'Ilse Vogt');
  const visitor = await visit();
  await visitor.open();
  await agent.accept();
  await visitor.send('before');
  await agent.sees('before');
  await agent.say('first');
  await agent.settled(['before', 'first']);
  await agent.box.fill('a draft');
  await agent.page.reload();
  await agent.settled(['before', 'first']);
  assert.equal(await agent.box.inputValue(), 'a draft');
  await visitor.send('meanwhile');
  await agent.settled(['before', 'first', 'meanwhile']);

  for (const kind of ['dropAnswer', 'dropRequest']) {
    const fault = await server.fault({ noun: 'agentEvents', method: 'POST', action: { kind } });
    await agent.say(`in mid-send, ${kind}`);
    await server.struck(fault);
    await agent.page.reload();
    await visitor.sees(`in mid-send, ${kind}`);
  }
  const all = ['before', 'first', 'meanwhile', 'in mid-send, dropAnswer', 'in mid-send, dropRequest'];
  await agent.settled(all);
  await visitor.settled(all);
});

scenario('a lost connection is told, and what was lost with it is said once', async ({ server, visit }) => {
  const agent = await Agent.arrive(visit, 'Ilse Vogt');
  const visitor = await visit();
  await visitor.open();
  await agent.accept();
  await server.fault({ noun: 'agentEvents', method: 'POST', action: { kind: 'dropAnswer' } });
  await server.fault({ noun: 'agentEvents', method: 'POST', skip: 1, action: { kind: 'cut' } });
  await agent.say('one');
  await agent.say('two');
  await agent.settled(['one', 'two']);
  await server.fault({ noun: 'agentIncomingRequests', times: 1000, action: { kind: 'dropRequest' } });
  const lost = agent.page.locator('.notice').getByText('The connection is lost');
  await lost.waitFor();
  await server.ask('DELETE', 'faults');
  await lost.waitFor({ state: 'detached' });
  await agent.say('three');
  await agent.settled(['one', 'two', 'three']);
  await visitor.settled(['one', 'two', 'three']);
});

scenario('a conversation goes from one desk to another, and back to the queue', async ({ visit }) => {
  const ilse = await Agent.arrive(visit, 'Ilse Vogt');
  const noor = await Agent.arrive(visit, 'Noor Bakker');
  const visitor = await visit();
  await visitor.open();
  await ilse.accept();
  await visitor.send('I have a question');
  await ilse.sees('I have a question');
  await ilse.button('Transfer').click();
  await ilse.page.getByRole('combobox', { name: 'Transfer to' }).selectOption({ label: 'Noor Bakker (Online)' });
  await ilse.page.getByRole('textbox', { name: 'A word for your colleague' }).fill('she asks about frames');
  await ilse.button('Transfer now').click();
  await ilse.page.getByText('You handed this chat to Noor Bakker.').waitFor();
  await visitor.sees('Noor Bakker');

  await noor.tabs.first().click();
  await noor.page.getByText('she asks about frames').waitFor();
  await noor.sees('I have a question');
  await noor.say('Which one?');
  await visitor.sees('Which one?');
  await visitor.send('Tern Eight');
  await noor.settled(['I have a question', 'Which one?', 'Tern Eight']);
  assert.deepEqual(await ilse.words(), ['I have a question'], 'who handed it on reads no more');

  await noor.button('Transfer').click();
  await noor.page.getByRole('combobox', { name: 'Transfer to' }).selectOption({ label: 'Back to the queue' });
  await noor.button('Transfer now').click();
  await noor.page.getByText('You put this chat back into the queue.').waitFor();
  await ilse.accept();
  await ilse.settled(['I have a question', 'Which one?', 'Tern Eight']);
  await ilse.say('Here I am again');
  await visitor.settled(['I have a question', 'Which one?', 'Tern Eight', 'Here I am again']);
});

scenario('an agent takes over from the script, asks for a file, and sees what is being written', async ({ server, visit }) => {
  const agent = await Agent.arrive(visit, 'Ilse Vogt');
  const visitor = await visit();
  await visitor.open();
  await server.until((record) => record.phase == 'queued', 'the conversation is queued');
  await server.agent({ accept: { name: 'Robo', bot: true } });
  await server.say('I am a program');
  await visitor.send('a person, please');
  await agent.page.getByText('with Robo').waitFor();
  await agent.accept(/^Take over/);
  await agent.settled(['I am a program', 'a person, please']);
  await visitor.sees('Ilse Vogt');
  await visitor.box.pressSequentially('half a sent');
  await agent.page.getByText('half a sent').first().waitFor();
  await agent.button('Ask for a file').click();
  await visitor.sees('You are asked to send a file.');
  await visitor.page.locator('input[type=file]').setInputFiles({ name: 'frame.txt', mimeType: 'text/plain', buffer: Buffer.from('steel') });
  await agent.sees('frame.txt');
});

scenario('canned answers by name and by button, the list of conversations by arrow keys', async ({ visit }) => {
  const agent = await Agent.arrive(visit, 'Ilse Vogt');
  const visitor = await visit();
  await visitor.open();
  await agent.accept();
  const { keyboard } = agent.page;
  await agent.writes();
  await keyboard.type('/mo');
  await agent.page.getByRole('option', { name: /moment/ }).waitFor();
  await keyboard.press('Enter');
  assert.equal(await agent.box.inputValue(), 'One moment, please. I am looking into it.');
  await keyboard.press('Enter');
  await agent.button('Canned answers').click();
  await keyboard.press('ArrowDown');
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await keyboard.press('Enter');
  await agent.settled(['One moment, please. I am looking into it.', 'Could you tell me your order number?']);

  // A low window has no room for all of them: the one that would be taken is in sight.
  await agent.page.setViewportSize({ width: 1280, height: 360 });
  await agent.button('Canned answers').click();
  await keyboard.press('ArrowUp');
  const bottom = (place) => place.evaluate((element) => element.getBoundingClientRect().bottom);
  const last = agent.page.getByRole('option', { name: /bye/ });
  await until(async () => await bottom(last) <= await bottom(agent.page.getByRole('listbox')), 'the last answer is in sight');
  await keyboard.press('Escape');

  const second = await visit();
  await second.open();
  await agent.page.getByRole('button', { name: /^Accept (?!next)/ }).waitFor();
  await keyboard.press('Alt+Enter');
  await until(async () => await agent.tabs.count() == 2, 'two conversations are there');
  await agent.tabs.nth(1).and(agent.page.locator('[aria-current=true]')).waitFor();
  await agent.tabs.nth(1).focus();
  await keyboard.press('ArrowDown');
  await keyboard.press('Enter');
  await agent.tabs.nth(0).and(agent.page.locator('[aria-current=true]')).waitFor();
  await agent.sees('order number');
});

scenario('two visitors side by side, each answered in a pane of their own', async ({ visit }) => {
  const wide = { width: 1280, height: 720 };
  const agent = await Agent.arrive(visit, 'Ilse Vogt', { viewport: wide });
  const visitors = [];
  for (let n = 1; n <= 2; n += 1) {
    visitors.push(await visit());
    await visitors.at(-1).open();
    await agent.page.getByRole('button', { name: /^Accept (?!next)/ }).waitFor();
    await agent.accept();
    await agent.shows([`Visitor ${n}`]);
  }
  await agent.button('Open beside: Visitor 1').click();
  await agent.shows(['Visitor 2', 'Visitor 1']);
  const [one, two] = [agent.with('Visitor 1'), agent.with('Visitor 2')];
  await one.writes();

  // What is shown is read, and told with whose it is.
  for (const [n, visitor] of visitors.entries()) {
    await visitor.send(`message ${n + 1}`);
    await agent.hears(`Visitor ${n + 1}: message ${n + 1}`);
    await agent.with(`Visitor ${n + 1}`).settled([`message ${n + 1}`]);
  }
  assert.equal(await agent.page.getByText('unread').count(), 0);

  // Each has a draft of its own, and what is unfolded in one does not fold the other's.
  await agent.page.keyboard.type('for one');
  await agent.page.keyboard.press('F6');
  await two.writes();
  await agent.page.keyboard.type('for two');
  await two.button('End chat').click();
  await agent.page.keyboard.press('Shift+F6');
  await one.writes();
  await one.button('Transfer').click();
  await two.button('End now').waitFor();
  await one.button('Transfer now').waitFor();
  assert.deepEqual([await one.box.inputValue(), await two.box.inputValue()], ['for one', 'for two']);

  await agent.page.reload();
  await agent.shows(['Visitor 2', 'Visitor 1']);
  for (const [n, desk] of [one, two].entries()) {
    await desk.box.press('Enter');
    const words = [`message ${n + 1}`, n == 0 ? 'for one' : 'for two'];
    await desk.settled(words);
    await visitors[n].settled(words);
  }

  // A narrow window shows the one that was written in, and reads no other one.
  await agent.page.setViewportSize({ width: 600, height: 720 });
  await agent.shows(['Visitor 2']);
  await visitors[0].send('unseen');
  await agent.hears('New message from Visitor 1');
  await agent.button('All visitors').click();
  await agent.tab(/^Visitor 1.*1 unread/).waitFor();
  await agent.shows([]);
  await agent.page.setViewportSize(wide);
  await agent.shows(['Visitor 2', 'Visitor 1']);
  await one.settled(['message 1', 'for one', 'unseen']);
  await agent.page.getByText('unread').waitFor({ state: 'detached' });

  // A pane that is closed ends nothing.
  await one.button('Close pane: Visitor 1').click();
  await agent.shows(['Visitor 2']);
  await visitors[0].send('still here');
  await agent.tab(/^Visitor 1.*1 unread/).focus();
  await agent.page.keyboard.press('Control+Enter');
  await agent.shows(['Visitor 2', 'Visitor 1']);
  await one.writes();
  await one.say('so am I');
  await visitors[0].sees('so am I');

  // Wherever a pane is pressed it gets the attention, but not by its way out.
  await two.place.getByRole('heading', { level: 2 }).click();
  await agent.tab(/^Visitor 2/).and(agent.page.locator('[aria-current=true]')).waitFor();
  await two.box.focus();
  await one.button('Close pane: Visitor 1').click();
  await agent.shows(['Visitor 2']);
  await two.writes();
});

for (const colorScheme of ['light', 'dark']) {
  scenario(`axe finds nothing wrong with the desk, ${colorScheme}`, async ({ visit }) => {
    const agent = await Agent.arrive(visit, undefined, { colorScheme, reducedMotion: 'reduce', bypassCSP: true });
    await agent.page.getByLabel('Your name').waitFor();
    assert.deepEqual(await agent.flaws(), [], 'door');
    await agent.page.getByLabel('Your name').fill('Ilse Vogt');
    await agent.page.keyboard.press('Enter');
    const visitor = await visit();
    await visitor.open();
    await agent.page.getByRole('button', { name: /^Accept/ }).waitFor();
    assert.deepEqual(await agent.flaws(), [], 'queue');
    await agent.accept();
    await visitor.send('Hello, see https://example.com');
    await agent.sees('Hello');
    await agent.say('Hello');
    await agent.settled(['Hello, see https://example.com', 'Hello']);
    await visitor.box.pressSequentially('half a sent');
    await agent.page.getByText('half a sent').first().waitFor();
    await agent.box.pressSequentially('/');
    await agent.page.getByRole('option').first().waitFor();
    assert.deepEqual(await agent.flaws(), [], 'conversation');
    await agent.page.keyboard.press('Escape');
    await agent.button('Transfer').click();
    await agent.page.getByRole('combobox').waitFor();
    assert.deepEqual(await agent.flaws(), [], 'transfer');
    await agent.button('Keyboard shortcuts').click();
    await agent.button('End chat').click();
    assert.deepEqual(await agent.flaws(), [], 'question');
    await agent.button('End now').click();
    await agent.page.getByText('This chat has ended.').waitFor();
    assert.deepEqual(await agent.flaws(), [], 'end');
    const second = await visit();
    await second.open();
    await agent.accept();
    await agent.button('Open beside: Visitor 1').click();
    await agent.shows(['Visitor 2', 'Visitor 1']);
    await agent.with('Visitor 2').button('Transfer').click();
    await agent.page.getByRole('combobox').waitFor();
    await agent.with('Visitor 2').button('Canned answers').click();
    assert.deepEqual(await agent.flaws(), [], 'side by side');
  });
}

scenario('the desk keeps its strict policy', async ({ visit }) => {
  const agent = await Agent.arrive(visit, 'Ilse Vogt');
  const visitor = await visit();
  await visitor.open();
  await agent.accept();
  const markup = '<img src=x onerror="window.hacked=1"><b>bold</b>';
  await visitor.send(markup);
  await agent.settled([markup]);
  await agent.say(markup);
  await agent.settled([markup, markup]);
  const refused = agent.said.filter((line) => /policy|trusted|refused|violat|error/i.test(line));
  assert.deepEqual(refused, []);
  assert.equal(await agent.page.evaluate(() => window.hacked), undefined);
});
