// Going away and coming back through the browser's history, with the back-forward cache as browsers have it.

import assert from 'node:assert/strict';
import { arrives, conversation, scenario, useBrowser } from './harness.mjs';

// Playwright switches the cache off unless told otherwise.
useBrowser({ ignoreDefaultArgs: ['--disable-back-forward-cache'] });

/** Whether the page that is shown was never unloaded. */
const isSame = (visitor) => visitor.page.evaluate(() => window.mark == 'the same');
const mark = (visitor) => visitor.page.evaluate(() => { window.mark = 'the same'; });
const why = (visitor) => visitor.page.evaluate(() => JSON.stringify(performance.getEntriesByType('navigation')[0].notRestoredReasons));

/** Lets the cache take this visitor's pages: the local server's own answers forbid to keep them. */
const onKeptPages = (visitor) => visitor.context.route(/\/pages\/\w+\.html/, async (route) => {
  const response = await route.fetch();
  await route.fulfill({ response, headers: { ...response.headers(), 'cache-control': 'no-cache' } });
});

/** A conversation on a page that the cache takes. */
async function keptConversation({ server, visit }) {
  return conversation({ server, visit: async () => {
    const visitor = await visit({ page: '/pages/empty.html' });
    await onKeptPages(visitor);
    await visitor.page.goto(`${server.origin}/pages/plain.html`);
    return visitor;
  } });
}

async function away(visitor) {
  await mark(visitor);
  await visitor.page.goto(`${visitor.server.origin}/pages/empty.html`);
}

async function back(visitor) {
  // A page that was never unloaded does not load.
  await visitor.page.goBack({ waitUntil: 'commit' });
  assert.ok(await isSame(visitor), `the page was loaded anew: ${await why(visitor)}`);
}

scenario('a page in the back-forward cache asks for nothing, and goes on when it is back', async ({ server, visit }) => {
  const visitor = await keptConversation({ server, visit });
  await visitor.box.fill('a draft');

  await away(visitor);
  await server.until((record) => record.openPolls == 0, 'no poll is open');
  await server.say('while away');
  await back(visitor);

  await visitor.settled(['How can I help?', 'before', 'while away']);
  assert.equal(await visitor.box.inputValue(), 'a draft');
  await visitor.send('back again');
  await arrives(server, visitor, ['before', 'back again']);
});

scenario('a page that comes back finds that another tab leads meanwhile, and follows it', async ({ server, visit }) => {
  const first = await keptConversation({ server, visit });
  const second = await first.copy();
  await second.settled(['How can I help?', 'before']);

  await away(first);
  await second.send('while away');
  await arrives(server, second, ['before', 'while away']);
  await server.say('an answer');
  await second.settled(['an answer']);
  const before = first.asked.length;
  await back(first);

  await first.settled(['How can I help?', 'before', 'while away', 'an answer']);
  await first.send('from the first');
  await second.settled(['from the first']);
  await arrives(server, first, ['before', 'while away', 'from the first']);
  assert.deepEqual(first.asked.slice(before), []);

  await second.page.close();
  await first.send('alone');
  await arrives(server, first, ['before', 'while away', 'from the first', 'alone']);
});

scenario('a page that comes back after another tab led and is closed asks nothing of a conversation it does not know', async ({ server, visit }) => {
  const first = await keptConversation({ server, visit });
  const second = await first.copy();
  await second.settled(['How can I help?', 'before']);

  await away(first);
  await second.send('while away');
  await arrives(server, second, ['before', 'while away']);
  await second.page.close();
  const before = first.asked.length;
  await back(first);

  await first.sees('This chat went on elsewhere');
  await first.button('Start chat').waitFor();
  assert.deepEqual(first.asked.slice(before).filter((noun) => noun != 'SessionId'), []);
  assert.deepEqual(await server.delivered(), ['before', 'while away']);
});

scenario('a page that comes back goes on from what the next page of its tab left', async ({ server, visit }) => {
  const visitor = await keptConversation({ server, visit });
  await mark(visitor);
  await visitor.page.goto(`${server.origin}/pages/plain.html?next`);
  await visitor.settled(['How can I help?', 'before']);
  await visitor.send('on the next page');
  await arrives(server, visitor, ['before', 'on the next page']);
  await visitor.box.fill('a draft');

  await back(visitor);

  await visitor.settled(['How can I help?', 'before', 'on the next page']);
  assert.equal(await visitor.box.inputValue(), 'a draft');
  await visitor.send('on the first page');
  await arrives(server, visitor, ['before', 'on the next page', 'on the first page']);
});

scenario('a page that comes back knows that the next page of its tab put the conversation away', async ({ server, visit }) => {
  const visitor = await keptConversation({ server, visit });
  await mark(visitor);
  await visitor.page.goto(`${server.origin}/pages/plain.html?next`);
  await visitor.button('End chat').click();
  await visitor.button('End now').click();
  await visitor.button('Start chat').waitFor();
  await visitor.page.keyboard.press('Escape');
  const before = visitor.asked.length;

  await back(visitor);

  await visitor.page.getByRole('button', { name: 'Open chat' }).waitFor();
  assert.deepEqual(visitor.asked.slice(before), []);
});

scenario('a page that comes back shows the chat that began on the next page of its tab', async ({ server, visit }) => {
  const visitor = await visit({ page: '/pages/empty.html' });
  await onKeptPages(visitor);
  await visitor.page.goto(`${server.origin}/pages/plain.html`);
  await visitor.launcher.waitFor();
  await mark(visitor);
  await visitor.page.goto(`${server.origin}/pages/plain.html?next`);
  await visitor.meet();
  await visitor.send('on the next page');
  await arrives(server, visitor, ['on the next page']);

  await back(visitor);

  await visitor.settled(['on the next page']);
  await server.say('Still there?');
  await visitor.settled(['on the next page', 'Still there?']);
});
