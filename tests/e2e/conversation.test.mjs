import assert from 'node:assert/strict';
import { scenario, useBrowser } from './harness.mjs';

useBrowser();

scenario('a visitor and an agent talk', async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.meet();
  await server.say('How can I help?');
  await visitor.sees('How can I help?');
  await visitor.send('My parcel is late');
  await visitor.send('since Monday');
  await server.until((record) => record.delivered.length == 2, 'both messages are delivered');
  await visitor.settled(['How can I help?', 'My parcel is late', 'since Monday']);
  assert.deepEqual(await server.delivered(), ['My parcel is late', 'since Monday']);
});
