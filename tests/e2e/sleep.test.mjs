// A tab that sleeps, behind a closed lid or among a hundred others: nothing runs, and then it is an hour later. The
// server's clock stays; what happened to the chat meanwhile is told it.

import assert from 'node:assert/strict';
import { arrives, canSleep, conversation, scenario, sleep, until, useBrowser } from './harness.mjs';

useBrowser();

/** A conversation in a page that can sleep. */
const sleeper = ({ server, visit }) => conversation({ server, visit: () => visit({ script: canSleep }) });

scenario('a tab that slept for an hour goes on where the backend still has the chat', async ({ server, visit }) => {
  const visitor = await sleeper({ server, visit });
  await visitor.box.fill('a draft');

  await sleep(visitor, () => server.say('Are you there?'));

  await visitor.settled(['How can I help?', 'before', 'Are you there?']);
  assert.equal(await visitor.box.inputValue(), 'a draft');
  await visitor.box.press('Enter');
  await arrives(server, visitor, ['before', 'a draft']);
});

scenario('a tab that slept while the backend forgot the chat says so, keeps every word, and offers a new chat', async ({ server, visit }) => {
  const visitor = await sleeper({ server, visit });
  const fault = await server.fault({ noun: 'ChatMessage', action: { kind: 'hang' } });
  await visitor.send('on its way');
  await server.struck(fault);
  await visitor.box.fill('a draft');

  await sleep(visitor, () => server.post('conversations/latest/expire'));

  await visitor.sees('The chat has expired. You can start a new one.');
  await visitor.settled(['How can I help?', 'before']);
  await visitor.sees('Not sent');
  assert.equal(await visitor.box.inputValue(), 'a draft');

  await visitor.button('Start chat').click();
  await until(async () => (await server.get('conversations')).length == 2, 'a second conversation begins');
  await server.until((record) => record.phase == 'queued', 'it is queued');
  await server.accept('Ilse V.');
  await visitor.sees('Ilse V.');
  await visitor.button('Retry').click();
  await visitor.box.press('Enter');
  await arrives(server, visitor, ['on its way', 'a draft']);
});

scenario('a tab that wakes up without a network says so, and goes on when there is one', async ({ server, visit }) => {
  const visitor = await sleeper({ server, visit });
  await visitor.box.fill('a draft');

  await visitor.context.setOffline(true);
  await visitor.sees('You are offline');
  await sleep(visitor);
  await visitor.box.press('Enter');
  await visitor.sees('Sending');
  assert.deepEqual(await server.delivered(), ['before']);
  await visitor.context.setOffline(false);

  await arrives(server, visitor, ['before', 'a draft']);
});

scenario('a backend that stays out of reach ends the chat with a sentence, and keeps every word', async ({ server, visit }) => {
  const visitor = await conversation({ server, visit: async () => {
    const visitor = await visit({ page: '/pages/empty.html' });
    await visitor.page.clock.install();
    await visitor.page.goto(`${server.origin}/pages/plain.html`);
    return visitor;
  } });
  const faults = [await server.fault({ noun: 'ChatMessage', times: 1_000, action: { kind: 'dropRequest' } }),
    await server.fault({ noun: 'Messages', times: 1_000, action: { kind: 'dropRequest' } })];
  await visitor.send('on its way');
  for (const fault of faults) await server.struck(fault);
  await visitor.sees('The connection is lost. Trying again…');
  await visitor.box.fill('a draft');

  await until(async () => {
    await visitor.page.clock.fastForward(5_000);
    return (await visitor.button('Start chat').count()) > 0;
  }, 'the chat ends');

  await visitor.sees('The connection was lost for too long, so the chat ended. You can start a new one.');
  await visitor.sees('Not sent');
  assert.equal(await visitor.box.inputValue(), 'a draft');
});

scenario('of two tabs that sleep the leading one goes on, and the other one follows', async ({ server, visit }) => {
  const first = await sleeper({ server, visit });
  const second = await first.copy();
  await second.settled(['How can I help?', 'before']);

  await sleep(second);
  await sleep(first, () => server.say('Are you there?'));

  for (const tab of [first, second]) await tab.settled(['How can I help?', 'before', 'Are you there?']);
  await second.send('yes');
  await second.settled(['yes']);
  await arrives(server, first, ['before', 'yes']);
});
