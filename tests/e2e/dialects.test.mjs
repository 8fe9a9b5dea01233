// Every backend beside Live Agent: each message once and in order, whatever happens to page, network and server.
// These backends take a repeat for something new, and show everything to whoever asks again.

import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { arrives, conversation, scenario, until, useBrowser } from './harness.mjs';

useBrowser();

const twenty = Array.from({ length: 20 }, (_, n) => `message ${n + 1}`);
const page = (attributes) => `/pages/backend.html?${new URLSearchParams(attributes)}`;

/** `send` and `poll` are how a fault finds a message and a question for news. */
const dialects = {
  'Genesys Web API': {
    page: page({ protocol: 'genesys', endpoint: '/', tenant: '101' }),
    send: { noun: 'SendMessage' },
    poll: { noun: 'GetMessages' },
  },
  'Genesys GMS': {
    page: page({ protocol: 'genesys', variant: 'gms', endpoint: '/', service: 'customer-support' }),
    send: { noun: 'send' },
    poll: { noun: 'refresh' },
    hasEvents: true,
  },
  LivePerson: {
    page: page({ protocol: 'liveperson', endpoint: '/liveperson', 'account-id': '55510001', skill: 'Billing', 'app-key': 'demo' }),
    settings: { liveperson: { preSurvey: null, offlineSurvey: null, exitSurvey: null } },
    send: { noun: 'events' },
    poll: { noun: 'chat' },
  },
  // Faults strike behind the gateway, which words a refusal in its own way.
  SuperOffice: {
    page: page({ protocol: 'superoffice', endpoint: '/so', 'topic-id': '2' }),
    settings: { superoffice: { topics: { 2: { WelcomeMessage: '' } } } },
    send: { noun: 'Messages', method: 'POST' },
    poll: { noun: 'Messages', method: 'GET' },
    isRefused: false,
  },
};

// Each has a server and a browser context of its own, and mostly waits.
for (const [name, { page, settings, send, poll, isRefused = true, hasEvents = false }] of Object.entries(dialects)) {
  describe(name, { concurrency: 3 }, () => {
    const tells = (what, run, options = {}) => scenario(what, run, { context: { page }, settings, ...options });

    tells('both sides talk', async ({ server, visit }) => {
      const visitor = await conversation({ server, visit });
      await server.agent({ typing: true });
      await visitor.panel.getByText('is typing').first().waitFor();
      await server.say('Good morning');
      await visitor.sees('Good morning');
      await visitor.send('after');
      await arrives(server, visitor, ['before', 'after']);
      assert.deepEqual(await visitor.words(), ['How can I help?', 'before', 'Good morning', 'after']);
    });

    tells(`an event of the page's own is ${hasEvents ? 'handed over, and one comes back' : 'given up with a word'}, and holds nothing up`, async ({ server, visit }) => {
      const visitor = await conversation({ server, visit });
      await visitor.page.evaluate(() => {
        window.told = [];
        for (const kind of ['custom', 'error']) addEventListener(`holdfast-${kind}`, ({ detail }) => told.push(detail));
        document.querySelector('holdfast-chat').notify('cart', '{"items":2}');
      });
      await visitor.send('after');
      await arrives(server, visitor, ['before', 'after']);
      if (hasEvents) await server.agent({ customEvent: { type: 'discount', data: '5' } });
      await until(() => visitor.page.evaluate(() => told.length > 0), 'the page is told');
      const { events } = await server.record();
      const notices = events.filter(({ type }) => type == 'customNotice').map(({ text, eventAttributes }) => [text, eventAttributes]);
      assert.deepEqual(notices, hasEvents ? [['{"items":2}', { purpose: 'cart' }]] : []);
      assert.deepEqual(await visitor.page.evaluate(() => told), [hasEvents
        ? { type: 'discount', data: '5' }
        : { message: 'the event cart was given up: this backend has no way to tell it' }]);
    });

    tells('what is typed before an agent is there arrives once', async ({ server, visit }) => {
      const visitor = await visit();
      await visitor.open();
      await server.until((record) => record.phase == 'queued', 'the conversation is queued');
      for (const word of ['one', 'two', 'three']) await visitor.send(word);
      await server.accept();
      await arrives(server, visitor, ['one', 'two', 'three']);
    });

    tells('a reload in the queue keeps the place and what was typed', async ({ server, visit }) => {
      const visitor = await visit();
      await visitor.open();
      await server.until((record) => record.phase == 'queued', 'the conversation is queued');
      await visitor.send('one');
      await visitor.box.fill('a draft');
      await visitor.page.reload();
      await server.accept();
      await arrives(server, visitor, ['one']);
      assert.equal(await visitor.box.inputValue(), 'a draft');
      assert.equal((await server.get('conversations')).length, 1);
    });

    tells('a reload keeps the transcript and misses nothing', async ({ server, visit }) => {
      const visitor = await conversation({ server, visit });
      const reloaded = visitor.page.reload();
      await server.say('Are you still there?');
      await reloaded;
      await visitor.settled(['How can I help?', 'before', 'Are you still there?']);
      await visitor.send('after');
      await arrives(server, visitor, ['before', 'after']);
      assert.deepEqual(await visitor.words(), ['How can I help?', 'before', 'Are you still there?', 'after']);
    });

    for (const [fate, kind] of [['was processed', 'hangAnswer'], ['was not processed', 'hang']]) {
      tells(`a reload in mid-send, where the message ${fate}`, async ({ server, visit }) => {
        const visitor = await conversation({ server, visit });
        const fault = await server.fault({ ...send, action: { kind } });
        await visitor.send('in between');
        await server.struck(fault);
        await visitor.send('after');
        await visitor.page.reload();
        await arrives(server, visitor, ['before', 'in between', 'after']);
      });
    }

    for (const kind of ['dropAnswer', 'cut', 'dropRequest']) {
      tells(`a send that ends with ${kind} is delivered once`, async ({ server, visit }) => {
        const visitor = await conversation({ server, visit });
        const fault = await server.fault({ ...send, action: { kind } });
        await visitor.send('in between');
        await server.struck(fault);
        await visitor.send('after');
        await arrives(server, visitor, ['before', 'in between', 'after']);
      });

      tells(`a poll that ends with ${kind} loses nothing and repeats nothing`, async ({ server, visit }) => {
        const visitor = await conversation({ server, visit });
        const fault = await server.fault({ ...poll, action: { kind } });
        await server.say('one');
        await server.struck(fault);
        await server.say('two');
        await visitor.settled(['How can I help?', 'before', 'one', 'two']);
        assert.deepEqual(await visitor.words(), ['How can I help?', 'before', 'one', 'two']);
      });
    }

    tells('ten seconds offline', async ({ server, visit }) => {
      const visitor = await conversation({ server, visit });
      await visitor.context.setOffline(true);
      const since = Date.now();
      await visitor.sees('You are offline');
      await visitor.send('written offline');
      await until(() => Date.now() - since > 10_000, 'ten seconds have passed');
      assert.deepEqual(await server.delivered(), ['before']);
      await visitor.context.setOffline(false);
      await arrives(server, visitor, ['before', 'written offline']);
      await server.say('There you are');
      await visitor.settled(['There you are']);
    });

    tells('a burst of twenty', async ({ server, visit }) => {
      const visitor = await conversation({ server, visit });
      for (const word of twenty) await visitor.send(word);
      await arrives(server, visitor, ['before', ...twenty]);
    });

    tells('a server that restarts', async ({ server, visit }) => {
      const visitor = await conversation({ server, visit });
      await server.post('restart');
      await visitor.send('after');
      await arrives(server, visitor, ['before', 'after']);
    });

    tells('an expired session ends with a sentence, and a new chat starts', async ({ server, visit }) => {
      const visitor = await conversation({ server, visit });
      await server.post('conversations/latest/expire');
      await visitor.button('Start chat').waitFor();
      await visitor.settled(['How can I help?', 'before']);
      await visitor.button('Start chat').click();
      await until(async () => (await server.get('conversations')).length == 2, 'a second conversation begins');
      await server.until((record) => record.phase == 'queued', 'it is queued');
      await server.accept('Ilse V.');
      await visitor.sees('Ilse V.');
      await visitor.send('again');
      await arrives(server, visitor, ['again']);
    });

    if (isRefused) {
      tells('a message refused by the server can be tried again', async ({ server, visit }) => {
        const visitor = await conversation({ server, visit });
        await server.fault({ ...send, times: 1, action: { kind: 'status', code: 400, body: 'no' } });
        await visitor.send('refused');
        await visitor.sees('Not sent');
        await visitor.button('Retry').click();
        await arrives(server, visitor, ['before', 'refused']);
      });
    }

    tells('markup in anybody\'s words stays words', async ({ server, visit }) => {
      const visitor = await conversation({ server, visit });
      const hostile = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>&amp;';
      await server.say(hostile);
      await visitor.send(hostile);
      await until(async () => (await visitor.words()).filter((word) => word == hostile).length == 2, 'both are shown as they are');
      assert.equal(await visitor.page.evaluate(() => window.broken), undefined);
    });

    tells('the agent ends, and what was said last is still read', async ({ server, visit }) => {
      const visitor = await conversation({ server, visit });
      await server.say('Goodbye');
      await server.agent({ end: {} });
      await visitor.button('Start chat').waitFor();
      await visitor.settled(['How can I help?', 'before', 'Goodbye']);
    });

    tells('the visitor ends, and the agent is told', async ({ server, visit }) => {
      const visitor = await conversation({ server, visit });
      await visitor.button('End chat').click();
      await visitor.button('End now').click();
      await visitor.button('Start chat').waitFor();
      await server.until((record) => record.phase == 'ended', 'the agent is told');
    });

    tells('another agent takes over', async ({ server, visit }) => {
      const visitor = await conversation({ server, visit });
      await server.agent({ transfer: { name: 'Ilse V.' } });
      await visitor.sees('Ilse V.');
      await server.say('I took over');
      await visitor.settled(['I took over']);
    });
  });
}
