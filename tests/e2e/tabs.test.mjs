// One conversation in several tabs of a browser: one tab leads, the others follow, and whoever is left goes on.

import assert from 'node:assert/strict';
import { arrives, conversation, scenario, until, useBrowser } from './harness.mjs';

useBrowser();

/** How long the next tab may take until it asks for news, in milliseconds. */
const soon = 2_000;

/** Waits until all these words stand in both tabs, in this order. */
const bothSettled = (tabs, words) => Promise.all(tabs.map((tab) => tab.settled(words)));

/** Everything is delivered once, and shown once and in order in all tabs. */
async function arrivesInAll(server, tabs, words) {
  for (const tab of tabs) await arrives(server, tab, words);
}

/** Waits until this tab asks the backend for news; tells how long that took since `since`. */
async function leads(tab, since, t) {
  await until(() => tab.asked.includes('Messages'), 'the other tab asks for news');
  const took = Date.now() - since;
  t.diagnostic(`asked for news after ${took} ms`);
  assert.ok(took < soon, `it took ${took} ms`);
}

/** Two tabs with one conversation: the first leads, the second follows. `how` names the way in which it came to be. */
async function twoTabs({ server, visit }, how = 'duplicate') {
  const first = await conversation({ server, visit });
  const second = await first[how]();
  await second.settled(['How can I help?', 'before']);
  await second.sees('Noor B.');
  return [first, second];
}

scenario('a duplicated tab really has a copy of what the first one stored', async ({ server, visit }) => {
  const visitor = await conversation({ server, visit });
  const copied = await visitor.page.evaluate(() => Object.keys(window.open().sessionStorage));
  assert.ok(copied.some((key) => key.endsWith(':head')));
});

scenario('a duplicated tab follows: it shows the conversation and what the agent does', async ({ server, visit }) => {
  const [first, second] = await twoTabs({ server, visit });

  await server.say('Anything else?');
  await bothSettled([first, second], ['How can I help?', 'before', 'Anything else?']);
  await first.send('from the first');
  await bothSettled([first, second], ['before', 'Anything else?', 'from the first']);
  await server.agent({ typing: true });
  await second.sees(/is typing/);
  await server.agent({ typing: false });
  await until(async () => (await second.panel.getByText(/is typing/).count()) == 0, 'the agent stops typing');

  assert.deepEqual(second.asked, []);
});

scenario('what is written in a tab that follows goes out once, and stands in both', async ({ server, visit }) => {
  const tabs = await twoTabs({ server, visit });
  const [first, second] = tabs;

  await second.send('from the second');
  await arrivesInAll(server, tabs, ['before', 'from the second']);
  for (let n = 0; n < 5; n += 1) await tabs[n % 2].send(`turn ${n}`), await tabs[n % 2].settled([`turn ${n}`]);

  await arrivesInAll(server, tabs, ['before', 'from the second', 'turn 0', 'turn 1', 'turn 2', 'turn 3', 'turn 4']);
  assert.deepEqual(second.asked, []);
  assert.ok(first.asked.includes('ChatMessage'));
});

scenario('draft, panel and unread messages are each tab\'s own', async ({ server, visit }) => {
  const [first, second] = await twoTabs({ server, visit });
  await first.box.fill('a draft');
  await second.box.fill('another');
  await second.page.keyboard.press('Escape');
  await server.say('one');
  await server.say('two');
  await second.launcher.getByText('2').waitFor();
  await first.settled(['one', 'two']);
  assert.equal(await first.box.inputValue(), 'a draft');
  assert.ok(await first.panel.isVisible());

  await second.page.reload();

  await second.launcher.getByText('2').waitFor();
  await second.open();
  await second.settled(['one', 'two']);
  assert.equal(await second.box.inputValue(), 'another');
});

const partings = {
  'is closed': (tab) => tab.page.close({ runBeforeUnload: true }),
  'is closed at once': (tab) => tab.page.close(),
  crashes: async (tab) => {
    const crashed = tab.page.waitForEvent('crash');
    const session = await tab.context.newCDPSession(tab.page);
    session.send('Page.crash').catch(() => {});
    await crashed;
  },
};

for (const [name, part] of Object.entries(partings)) {
  scenario(`when the leading tab ${name}, the other one takes over within two seconds`, async ({ server, visit, t }) => {
    const [first, second] = await twoTabs({ server, visit }, 'copy');
    await server.say('Anything else?');
    await bothSettled([first, second], ['Anything else?']);
    assert.deepEqual(second.asked, []);
    const since = Date.now();

    await part(first);
    await leads(second, since, t);

    await server.say('Still there?');
    await second.settled(['Still there?']);
    await second.send('yes');
    await arrives(server, second, ['before', 'yes']);
  });

  scenario(`when the leading tab ${name} in mid-send, nothing is lost and nothing is said twice`, async ({ server, visit, t }) => {
    const [first, second] = await twoTabs({ server, visit }, 'copy');
    const fault = await server.fault({ noun: 'ChatMessage', action: { kind: 'hangAnswer' } });
    await first.send('in flight');
    await server.struck(fault);
    await second.sees('in flight');
    await first.send('behind it');
    await second.sees('behind it');
    await second.box.fill('at that instant');
    const since = Date.now();

    await Promise.all([part(first), second.box.press('Enter')]);
    await leads(second, since, t);

    await arrives(server, second, ['before', 'in flight', 'behind it', 'at that instant']);
  });
}

scenario('a reload of the leading tab loses nothing, and leaves one poll', async ({ server, visit }) => {
  const [first, second] = await twoTabs({ server, visit });
  await first.box.fill('a draft');

  const reloaded = first.page.reload();
  await second.send('meanwhile');
  await server.say('Hello again');
  await reloaded;

  await arrivesInAll(server, [first, second], ['before', 'meanwhile']);
  await bothSettled([first, second], ['How can I help?', 'before', 'Hello again']);
  assert.equal(await first.box.inputValue(), 'a draft');
  await first.send('from the first');
  await first.settled(['from the first']);
  await second.send('from the second');
  await arrivesInAll(server, [first, second], ['before', 'meanwhile', 'from the first', 'from the second']);
});

scenario('tabs that are reloaded in turns lose nothing', async ({ server, visit }) => {
  const tabs = await twoTabs({ server, visit });
  const words = ['before'];
  for (let n = 0; n < 4; n += 1) {
    const reloaded = tabs[n % 2].page.reload();
    await tabs[(n + 1) % 2].send(`turn ${n}`);
    words.push(`turn ${n}`);
    await reloaded;
    await tabs[n % 2].settled([`turn ${n}`]);
  }
  await arrivesInAll(server, tabs, words);
});

scenario('a new tab that opens its panel joins the running conversation', async ({ server, visit }) => {
  const first = await conversation({ server, visit });
  const second = first.tab(await first.context.newPage());
  await second.page.goto(first.page.url());
  assert.deepEqual(await second.records(), {});

  await second.open();

  await second.settled(['How can I help?', 'before']);
  await second.send('from the second');
  await arrivesInAll(server, [first, second], ['before', 'from the second']);
  assert.equal((await server.get('conversations')).length, 1);
  assert.deepEqual(second.asked, []);
});

scenario('of three tabs the next one leads, and then the last', async ({ server, visit, t }) => {
  const [first, second] = await twoTabs({ server, visit }, 'copy');
  const third = await first.copy();
  await third.settled(['How can I help?', 'before']);
  await third.send('from the third');
  await arrivesInAll(server, [first, second, third], ['before', 'from the third']);

  await first.page.close();
  await second.send('from the second');
  await arrivesInAll(server, [second, third], ['before', 'from the third', 'from the second']);
  const [leader, last] = second.asked.length > 0 ? [second, third] : [third, second];
  assert.deepEqual(last.asked, []);

  const since = Date.now();
  await leader.page.close();
  await leads(last, since, t);
  await last.send('from the last');
  await arrives(server, last, ['before', 'from the third', 'from the second', 'from the last']);
});

scenario('an end in the following tab is an end in both, and so is a new beginning', async ({ server, visit }) => {
  const [first, second] = await twoTabs({ server, visit });

  await second.button('End chat').click();
  await second.button('End now').click();
  await Promise.all([first, second].map((tab) => tab.button('Start chat').waitFor()));
  await server.until((record) => record.phase == 'ended', 'the conversation ends');
  await second.sees('You ended the chat.');

  await second.button('Start chat').click();
  await until(async () => (await server.get('conversations')).length == 2, 'a second conversation begins');
  await server.until((record) => record.phase == 'queued', 'it is queued');
  await server.accept('Ilse V.');
  await Promise.all([first, second].map((tab) => tab.sees('Ilse V.')));
  await first.send('again');
  await first.settled(['again']);
  await second.send('and again');
  await arrivesInAll(server, [first, second], ['again', 'and again']);
  assert.equal((await server.get('conversations')).length, 2);
});

scenario('a new beginning in the leading tab is followed', async ({ server, visit }) => {
  const [first, second] = await twoTabs({ server, visit });
  await server.agent({ end: { reason: 'agent' } });
  await Promise.all([first, second].map((tab) => tab.button('Start chat').waitFor()));

  await first.button('Start chat').click();

  await until(async () => (await server.get('conversations')).length == 2, 'a second conversation begins');
  await server.until((record) => record.phase == 'queued', 'it is queued');
  await server.accept('Ilse V.');
  await Promise.all([first, second].map((tab) => tab.sees('Ilse V.')));
});

scenario('a message refused by the server can be tried again in the following tab', async ({ server, visit }) => {
  const tabs = await twoTabs({ server, visit });
  const [, second] = tabs;
  const fault = await server.fault({ noun: 'ChatMessage', action: { kind: 'status', code: 400, body: 'no' } });
  await second.send('refused');
  await server.struck(fault);
  await Promise.all(tabs.map((tab) => tab.sees('Not sent')));

  await second.button('Retry').click();

  await arrivesInAll(server, tabs, ['before', 'refused']);
});

scenario('a handover concerns the tabs that follow too', async ({ server, visit }) => {
  const tabs = await twoTabs({ server, visit });
  const fault = await server.fault({ noun: 'ReconnectSession', action: { kind: 'hold' } });
  await server.rotate();
  await server.struck(fault);
  await tabs[1].sees('Reconnecting');
  await tabs[1].send('meanwhile');
  await tabs[0].sees('meanwhile');
  await server.post(`faults/${fault.id}/release`);
  await arrivesInAll(server, tabs, ['before', 'meanwhile']);
});

scenario('a closed tab that comes back with an old copy says so, and posts nothing', async ({ server, visit }) => {
  const first = await conversation({ server, visit });
  const old = await first.records();
  await first.send('after the copy');
  await arrives(server, first, ['before', 'after the copy']);
  const counted = await first.page.evaluate(() => Object.entries(localStorage));
  assert.deepEqual(counted.map(([, value]) => /^\d+ \d+$/.test(value)), [true]);
  await first.page.close();

  const second = await first.copy(old);

  await second.sees('This chat went on elsewhere');
  await second.button('Start chat').waitFor();
  assert.deepEqual(second.asked.filter((noun) => noun != 'SessionId'), []);
  assert.deepEqual(await server.delivered(), ['before', 'after the copy']);
});
