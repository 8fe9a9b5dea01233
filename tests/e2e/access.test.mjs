// Keyboard, screen reader, contrast: by hand on the keys, and by axe.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { scenario, useBrowser } from './harness.mjs';

useBrowser();

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds wrong with the widget. */
async function flaws(visitor) {
  await visitor.page.evaluate(axe);
  const { violations } = await visitor.page.evaluate(() => window.axe.run('holdfast-chat'));
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

for (const colorScheme of ['light', 'dark']) {
  scenario(`axe finds nothing in any state, ${colorScheme}`, async ({ server, visit }) => {
    const visitor = await visit({ colorScheme, reducedMotion: 'reduce' });
    await visitor.launcher.waitFor();
    assert.deepEqual(await flaws(visitor), [], 'launcher');
    await visitor.open();
    await server.until((record) => record.phase == 'queued', 'the conversation is queued');
    await visitor.send('hello');
    await visitor.sees('Sending');
    assert.deepEqual(await flaws(visitor), [], 'queue');
    await server.accept();
    await server.say('Hello, see https://example.com');
    await visitor.settled(['hello', 'Hello, see https://example.com'].reverse().slice(1));
    await visitor.sees('Hello, see');
    await server.agent({ typing: true });
    await visitor.sees(/typing/);
    assert.deepEqual(await flaws(visitor), [], 'conversation');
    await visitor.button('End chat').click();
    assert.deepEqual(await flaws(visitor), [], 'question');
    await visitor.button('End now').click();
    await visitor.button('Start chat').waitFor();
    assert.deepEqual(await flaws(visitor), [], 'end');
  });
}

scenario('a whole conversation by keyboard', async ({ server, visit }) => {
  const visitor = await visit();
  const { keyboard } = visitor.page;
  await visitor.launcher.waitFor();
  await keyboard.press('Tab');
  await keyboard.press('Enter');
  await server.until((record) => record.phase == 'queued', 'the conversation is queued');
  await server.accept();
  await visitor.sees('Noor B.');
  await keyboard.type('first line');
  await keyboard.press('Shift+Enter');
  await keyboard.type('second line');
  await keyboard.press('Enter');
  await server.until((record) => record.delivered.length == 1, 'the message is delivered');
  assert.deepEqual(await server.delivered(), ['first line\nsecond line']);
  await keyboard.press('Escape');
  await visitor.page.getByRole('button', { name: 'Open chat' }).waitFor();
  const focused = await visitor.page.evaluate(() => document.activeElement.shadowRoot.activeElement.ariaLabel);
  assert.equal(focused, 'Open chat');
  await server.say('are you there?');
  await visitor.page.getByRole('button', { name: 'Open chat' }).getByText('1').waitFor();
});
