// How a conversation ends, and who comes and goes before.

import assert from 'node:assert/strict';
import { scenario, until, useBrowser } from './harness.mjs';

useBrowser();

const ended = (server) => server.until((record) => record.phase == 'ended', 'the conversation ends');

scenario('the visitor leaves the queue at once', async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.open();
  await server.until((record) => record.phase == 'queued', 'the conversation is queued');
  await visitor.button('End chat').click();
  await ended(server);
  await visitor.button('Start chat').waitFor();
});

scenario('the visitor is asked before a conversation ends', async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.meet();
  await visitor.button('End chat').click();
  await visitor.button('Keep chatting').click();
  await visitor.send('one more thing');
  await visitor.settled(['one more thing']);

  await visitor.button('End chat').click();
  await visitor.button('End now').click();

  await ended(server);
  await visitor.button('Start chat').waitFor();
  const { events } = await server.record();
  assert.deepEqual(events.filter(({ type }) => type == 'end' || type == 'delete').map(({ type }) => type), ['end', 'delete']);
});

scenario('the agent ends, and the transcript stays readable over a reload', async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.meet();
  await server.say('Goodbye');
  await server.agent({ end: { reason: 'agent' } });
  await visitor.button('Start chat').waitFor();
  await visitor.page.reload();
  await visitor.sees('Goodbye');
  await visitor.button('Start chat').waitFor();
});

scenario('nobody is available', async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.open();
  await visitor.button('Start chat').waitFor();
  assert.equal((await server.get('conversations')).length, 0);
}, { settings: { available: false } });

scenario('an agent transfers, another one takes over', async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.meet();
  await server.agent({ transferToQueue: {} });
  await server.agent({ transfer: { name: 'Ilse V.' } });
  await server.say('Hello from Ilse');
  await visitor.sees('Hello from Ilse');
  await visitor.send('hello');
  await visitor.settled(['Hello from Ilse', 'hello']);
});

scenario('the agent sees that the visitor types, and the visitor that the agent does', async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.meet();
  await visitor.box.pressSequentially('hm');
  await server.until(({ events }) => events.some(({ type }) => type == 'typing'), 'typing is told');
  await server.agent({ typing: true });
  await visitor.sees(/typing/);
  await server.agent({ typing: false });
  await until(async () => (await visitor.panel.getByText(/is typing/).count()) == 0, 'the agent stops typing');
  await visitor.box.fill('');
  await server.until(({ events }) => events.some(({ type }) => type == 'notTyping'), 'the end of typing is told');
});

scenario('a file that the agent asked for arrives', async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.meet();
  await server.agent({ requestFile: {} });
  const chooser = visitor.page.waitForEvent('filechooser');
  await visitor.panel.getByText('Choose a file').click();
  await (await chooser).setFiles({ name: 'bill.txt', mimeType: 'text/plain', buffer: Buffer.from('four euros') });
  await server.until(({ events }) => events.some(({ type, name, size }) => type == 'upload' && name == 'bill.txt' && size == 10), 'the file arrives');
  await visitor.sees('The file was sent.');
});

scenario('a silent visitor is warned and can stay', async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.open();
  await server.until((record) => record.phase == 'queued', 'the conversation is queued');
  await server.agent({ accept: { name: 'Noor B.', idle: { warning: 1, timeout: 3 } } });
  await visitor.button('Stay in chat').click();
  await server.until(({ events }) => {
    const told = events.filter(({ type }) => type == 'idleWarning').map(({ event }) => event);
    return told[0] == 'triggered' && told[1] == 'cleared';
  }, 'warning and its end are told');
  await visitor.button('Stay in chat').waitFor();
  await visitor.button('Start chat').waitFor();
  await ended(server);
});
