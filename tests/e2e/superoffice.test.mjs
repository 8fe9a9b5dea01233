// SuperOffice through the real gateway: a bot, the way to a person over a form in the middle of the chat, and what gets lost
// between page and gateway. What may happen to it as to any other backend is in dialects.test.mjs.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { arrives, conversation, scenario, until, useBrowser } from './harness.mjs';

useBrowser();

const topic = (id) => `/pages/backend.html?${new URLSearchParams({ protocol: 'superoffice', endpoint: '/so', 'topic-id': id })}`;
const [robo, plain, library, closed] = ['1', '2', '3', '4'].map(topic);

/** Answers the form that stands in the panel. */
async function fill(visitor, answers) {
  const form = visitor.panel.getByRole('form');
  for (const [label, value] of Object.entries(answers)) await form.getByRole('textbox', { name: label }).fill(value);
}

/** The next message reaches the gateway or not, and its answer gets lost. */
async function lose(visitor, isServed) {
  let left = 1;
  await visitor.page.route('**/Messages', async (route) => {
    if (route.request().method() != 'POST' || left == 0) return route.continue();
    left -= 1;
    if (isServed) await route.fetch();
    await route.abort();
  });
}

describe('the bot and the way to a person', { concurrency: 3 }, () => {
  const tells = (what, run) => scenario(what, run, { context: { page: robo } });

  tells('a bot answers, offers answers, and takes its time', async ({ server, visit }) => {
    const visitor = await visit();
    await visitor.open();
    await visitor.sees('Robo, an automated assistant, joined the chat');
    await visitor.button('Returns').click();
    await visitor.sees('You can send everything back within 30 days.');
    assert.equal(await visitor.button('Order status').count(), 0, 'an answer takes the others away');
    await visitor.send('later');
    await visitor.sees('Let me think…');
    assert.equal(await visitor.panel.getByText('That took me three seconds.').count(), 0, 'it is not shown yet');
    await visitor.sees('That took me three seconds.');
    assert.deepEqual((await server.delivered()), ['Returns', 'later']);
  });

  // The demo's way, and the same with the page loaded anew at each point.
  for (const isReloaded of [false, true]) {
    tells(`bot, person, form, queue, desk${isReloaded ? ', with a reload at each point' : ''}`, async ({ server, visit }) => {
      const visitor = await visit();
      const point = async () => { if (isReloaded) await visitor.page.reload(); };
      await visitor.open();
      await visitor.button('Talk to a person').first().waitFor();
      await visitor.send('My kettle leaks');
      await visitor.sees('You said “My kettle leaks”');
      await point();
      await visitor.panel.locator('.person').getByRole('button', { name: 'Talk to a person' }).click();
      await visitor.panel.getByRole('form').waitFor();
      await point();
      await fill(visitor, { Name: 'Ines Roth' });
      await point();
      assert.equal(await visitor.panel.getByRole('form').getByRole('textbox', { name: 'Name' }).inputValue(), 'Ines Roth');
      await fill(visitor, { 'E-mail': 'ines@example.net' });
      await visitor.panel.getByRole('form').getByRole('button', { name: 'Send' }).click();
      await visitor.panel.getByRole('form').waitFor({ state: 'detached' });
      await server.until((record) => record.phase == 'queued', 'the visitor waits');
      await visitor.panel.locator('.waiting').waitFor();
      await point();
      await server.accept();
      await visitor.sees('Noor B.');
      await server.say('Which kettle is it?');
      await visitor.sees('Which kettle is it?');
      await point();
      await visitor.send('The red one');
      await arrives(server, visitor, ['My kettle leaks', 'The red one']);
      const words = await visitor.words();
      assert.ok(words.indexOf('My kettle leaks') < words.indexOf('Which kettle is it?'), `${words}`);
      assert.equal((await server.get('conversations')).length, 1);
    });
  }

  tells('a bot that hands over by itself says so first', async ({ server, visit }) => {
    const visitor = await visit();
    await visitor.open();
    await visitor.sees('Robo');
    await visitor.send('I want a human');
    await visitor.sees('One moment, fetching a colleague.');
    await visitor.panel.getByRole('form').waitFor();
    assert.deepEqual(await server.delivered(), ['I want a human']);
  });

  tells('a rating, and back to the chat that is over', async ({ server, visit }) => {
    const visitor = await visit();
    await visitor.open();
    await visitor.sees('Robo');
    await visitor.send('quit');
    await visitor.sees('Goodbye!');
    const form = visitor.panel.getByRole('form');
    await form.getByRole('radio', { name: '4' }).check();
    await form.getByRole('button', { name: 'Send' }).click();
    await form.waitFor({ state: 'detached' });
    await visitor.page.reload();
    await visitor.button('Return to chat').click();
    await visitor.send('One more thing');
    await arrives(server, visitor, ['quit', 'One more thing']);
    await visitor.sees('Goodbye!');
  });
});

describe('the knowledge base and closed doors', { concurrency: 3 }, () => {
  scenario('a form first, then the knowledge base, then a person', async ({ server, visit }) => {
    const visitor = await visit({ page: library });
    await visitor.open();
    await fill(visitor, { 'E-mail': 'ines@example.net' });
    await visitor.panel.getByRole('checkbox').check();
    await visitor.panel.getByRole('form').getByRole('button', { name: 'Start chat' }).click();
    await visitor.sees('An automated assistant answers');
    await visitor.send('How do I return a kettle?');
    await visitor.button('No').click();
    await server.until((record) => record.phase == 'queued', 'the visitor waits');
    await server.accept();
    await visitor.sees('Noor B.');
  });

  scenario('a message is left where nobody is there', async ({ visit }) => {
    const visitor = await visit({ page: closed });
    await visitor.open();
    const form = visitor.panel.getByRole('form');
    await form.waitFor();
    for (const box of await form.getByRole('textbox').all()) {
      const isEmail = (await box.getAttribute('type')) == 'email';
      await box.fill(isEmail ? 'ines@example.net' : 'Call me');
    }
    for (const box of await form.getByRole('checkbox').all()) await box.check();
    await form.getByRole('button', { name: 'Send' }).click();
    await visitor.sees('Your message is with us.');
  });
});

describe('what gets lost between page and gateway', { concurrency: 3 }, () => {
  const tells = (what, run) => scenario(what, run, { context: { page: plain } });

  for (const isServed of [true, false]) {
    tells(`a send ${isServed ? 'whose answer is lost' : 'that is lost'} is delivered once`, async ({ server, visit }) => {
      const visitor = await conversation({ server, visit });
      await lose(visitor, isServed);
      await visitor.send('in between');
      await visitor.send('after');
      await arrives(server, visitor, ['before', 'in between', 'after']);
    });
  }

  for (const isServed of [true, false]) {
    tells(`a reload in mid-send, where the message ${isServed ? 'arrives' : 'does not'}`, async ({ server, visit }) => {
      const visitor = await conversation({ server, visit });
      let asked = 0;
      await visitor.page.route('**/Messages', async (route) => {
        if (route.request().method() != 'POST' || asked > 0) return route.continue();
        asked += 1;
        // It is never answered; the page goes first.
        if (isServed) await route.fetch();
      });
      await visitor.send('in between');
      await until(async () => (isServed ? (await server.delivered()).includes('in between') : asked > 0), 'it is on its way');
      await visitor.send('after');
      await visitor.page.reload();
      await arrives(server, visitor, ['before', 'in between', 'after']);
    });
  }

  for (const [half, path] of [['first', /ChatSession\/\d+$/], ['second', /Messages\?after=\d+$/]]) {
    tells(`a poll whose ${half} half is lost loses nothing and repeats nothing`, async ({ server, visit }) => {
      const visitor = await conversation({ server, visit });
      let left = 2;
      await visitor.page.route(path, async (route) => {
        if (route.request().method() != 'GET' || left == 0) return route.continue();
        left -= 1;
        await route.fetch();
        await route.abort();
      });
      await server.say('one');
      await until(() => left == 0, 'two answers are lost');
      await server.say('two');
      await visitor.settled(['How can I help?', 'before', 'one', 'two']);
      assert.equal((await visitor.words()).length, 5);
    });
  }

  tells('a gateway that is in trouble behind itself loses nothing', async ({ server, visit }) => {
    const visitor = await conversation({ server, visit });
    for (const kind of ['dropAnswer', 'dropRequest']) await server.fault({ noun: 'Messages', times: 2, action: { kind } });
    await visitor.send('in between');
    await server.say('Still here');
    await visitor.send('after');
    await visitor.settled(['Still here']);
    await arrives(server, visitor, ['before', 'in between', 'after']);
  });

  tells('a message refused by the gateway can be tried again', async ({ server, visit }) => {
    const visitor = await conversation({ server, visit });
    let left = 1;
    await visitor.page.route('**/Messages', (route) => {
      if (route.request().method() != 'POST' || left == 0) return route.continue();
      left -= 1;
      return route.fulfill({ status: 413, json: { Error: 'too-large' } });
    });
    await visitor.send('refused');
    await visitor.sees('Not sent');
    await visitor.button('Retry').click();
    await arrives(server, visitor, ['before', 'refused']);
  });
});
