// The widget as a guest on somebody's page: policies, style sheets, markup in words, storage, other elements.

import assert from 'node:assert/strict';
import { scenario, until, useBrowser } from './harness.mjs';

useBrowser();


scenario('a strict policy with Trusted Types is not violated once', async ({ server, visit }) => {
  const visitor = await visit({ page: '/pages/strict.html' });
  await visitor.meet();
  await server.say('Look at https://example.com/a?b=1 please\nthank you');
  await visitor.send('hello');
  await visitor.settled(['hello']);
  await server.agent({ typing: true });
  await server.rotate();
  await visitor.send('after a handover');
  await visitor.settled(['hello', 'after a handover']);
  await visitor.page.reload();
  await visitor.settled(['hello', 'after a handover']);
  await visitor.button('End chat').click();
  await visitor.button('End now').click();
  await visitor.button('Start chat').waitFor();
  const refused = visitor.said.filter((line) => /policy|trusted|refused|violat/i.test(line));
  assert.deepEqual(refused, []);
});

scenario('the page under the strict policy really refuses what is not allowed', async ({ visit }) => {
  const visitor = await visit({ page: '/pages/strict.html' });
  const isRefused = await visitor.page.evaluate(() => {
    try {
      document.body.innerHTML += '<b>x</b>';
      return false;
    } catch {
      return true;
    }
  });
  assert.ok(isRefused);
});

scenario('hostile style sheets of the page change nothing inside', async ({ server, visit }) => {
  const look = async (page) => {
    const visitor = await visit({ page, reducedMotion: 'reduce' });
    await visitor.open();
    await server.until((record) => record.phase == 'queued', 'the conversation is queued');
    await visitor.sees('1 person ahead of you');
    await visitor.page.mouse.move(5, 300);
    // Fonts and transitions have settled when it looks the same twice.
    let [before, now] = [];
    await until(async () => {
      [before, now] = [now, await visitor.panel.screenshot({ animations: 'disabled', caret: 'hide' })];
      return before?.equals(now);
    }, 'the panel looks the same twice');
    return now;
  };
  const plain = await look('/pages/plain.html');
  const hostile = await look('/pages/hostile.html');
  assert.ok(await difference(await visit(), plain, hostile) <= 2, 'the panel looks the same on both pages');
});

/** The most by which a part of a colour differs between two pictures. Engines round what is half transparent. */
function difference({ page }, ...pictures) {
  return page.evaluate(async (pictures) => {
    const [one, other] = await Promise.all(pictures.map(async (picture) => {
      const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob());
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
      canvas.drawImage(bitmap, 0, 0);
      return canvas.getImageData(0, 0, bitmap.width, bitmap.height).data;
    }));
    return one.length == other.length ? one.reduce((most, part, place) => Math.max(most, Math.abs(part - other[place])), 0) : 255;
  }, pictures.map((picture) => picture.toString('base64')));
}

scenario('markup in anybody\'s words stays words', async ({ server, visit }) => {
  const markup = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script><b>bold</b>';
  const visitor = await visit();
  await visitor.meet(markup);
  await server.say(markup);
  await server.say('javascript:window.hacked=1 and http://"onmouseover="hacked=1');
  await visitor.send(markup);
  await until(async () => (await visitor.words()).filter((word) => word == markup).length == 2, 'all is shown');
  const found = await visitor.page.evaluate(() => {
    const root = document.querySelector('holdfast-chat').shadowRoot;
    return { hacked: window.hacked, elements: root.querySelectorAll('img,script,b').length,
      links: [...root.querySelectorAll('a')].map(({ protocol }) => protocol) };
  });
  assert.deepEqual({ ...found, links: [] }, { hacked: undefined, elements: 0, links: [] });
  assert.ok(found.links.every((protocol) => /^https?:$/.test(protocol)));
});

scenario('next to nothing is loaded before the visitor shows interest', async ({ visit }) => {
  const asked = [];
  const visitor = await visit({ page: '/pages/empty.html' });
  visitor.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await visitor.page.goto(`${visitor.server.origin}/pages/plain.html`);
  await visitor.launcher.waitFor();
  await visitor.page.waitForLoadState('networkidle');
  assert.deepEqual(asked.filter((path) => !/plain|favicon/.test(path)), ['/holdfast.js']);
});

const storages = {
  'missing storage': () => { Object.defineProperty(window, 'sessionStorage', { value: undefined }); },
  'storage that throws when it is touched': () => {
    Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('no', 'SecurityError'); } });
  },
  'storage that is full': () => {
    Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
  },
  'storage with broken records': () => {
    for (const key of ['holdfast:', 'holdfast:live-agent:/live-agent:00D5x000001AbCd:5725x000000KlMn:5735x000000AbCd:head']) {
      sessionStorage[key] ??= '{"version":1,"state":[]';
    }
  },
  'storage of a future version': () => {
    sessionStorage['holdfast:live-agent:/live-agent:00D5x000001AbCd:5725x000000KlMn:5735x000000AbCd:head'] ??= '{"version":99}';
  },
};

for (const [name, sabotage] of Object.entries(storages)) {
  scenario(`${name} does not stop a chat`, async ({ server, visit }) => {
    const visitor = await visit({ script: sabotage });
    await visitor.meet();
    await visitor.send('hello');
    await visitor.settled(['hello']);
    assert.deepEqual(await server.delivered(), ['hello']);
    if (/missing|throws|full/.test(name)) await visitor.sees(/reload|this tab|cannot be kept|won.t be kept/i);
  });
}

scenario('a whole chat leaves no word and no key on the console or beyond the tab', async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.meet();
  const records = await visitor.page.evaluate(() => Object.values(sessionStorage).join());
  const [, key] = /"key\\\\?":\\\\?"([^"\\\\]+)/.exec(records);
  await server.say('agents write this');
  await visitor.send('visitors write this');
  await visitor.settled(['agents write this', 'visitors write this']);
  await server.rotate();
  await visitor.send('visitors write that');
  await visitor.settled(['visitors write that']);
  const elsewhere = () => visitor.page.evaluate(async () =>
    JSON.stringify([{ ...localStorage }, document.cookie, location.href, document.title, await indexedDB.databases(), await caches.keys()]));
  const during = await elsewhere();
  await visitor.button('End chat').click();
  await visitor.button('End now').click();
  await visitor.button('Start chat').waitFor();

  const told = [during, await elsewhere(), ...visitor.said].join('\n');
  assert.match(during, /holdfast:/);
  assert.deepEqual([key, 'write this', 'write that'].filter((secret) => told.includes(secret)), []);
});

scenario('the transcript stays at its end for who is at its end, and where they are for everybody else', async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.meet();
  const below = () => visitor.log.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);
  const isAtEnd = () => until(async () => (await below()) < 2, async () => `the end is shown; it is ${await below()} px below`);
  for (let n = 0; n < 12; n += 1) await server.say(`a line of some length that fills the panel, number ${n}`);
  await visitor.sees('number 11');
  await isAtEnd();
  await server.fault({ noun: 'ChatMessage', times: 2, action: { kind: 'status', code: 400 } });
  await visitor.send('refused');
  await visitor.sees('Not sent');
  await isAtEnd();
  assert.equal(await visitor.button('New messages').count(), 0);

  await visitor.log.evaluate((log) => { log.scrollTop = 0; });
  await visitor.page.evaluate(() => new Promise(requestAnimationFrame));
  await server.say('something new');
  await visitor.button('New messages').waitFor();
  assert.equal(await visitor.log.evaluate((log) => log.scrollTop), 0);
  await visitor.button('New messages').click();
  await isAtEnd();

  await visitor.log.evaluate((log) => { log.scrollTop = 0; });
  await visitor.page.evaluate(() => new Promise(requestAnimationFrame));
  await visitor.send('my own words');
  await isAtEnd();
});

scenario('an element that is taken out leaves nothing running', async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.meet();
  await visitor.page.evaluate(() => document.querySelector('holdfast-chat').remove());
  await server.until((record) => record.openPolls == 0, 'no poll is open');
  const { requests: { length } } = await server.record();
  await visitor.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 600)));
  assert.equal((await server.record()).requests.length, length);
});

scenario('the page is told what happens, and may object', async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.page.evaluate(() => {
    window.told = [];
    const names = ['open-request', 'opened', 'closed', 'session-started', 'agent-joined', 'message-sent', 'message-received', 'session-ended', 'end-request'];
    for (const name of names) addEventListener(`holdfast-${name}`, ({ detail }) => told.push([name, detail?.text ?? detail?.name ?? detail?.reason]));
    addEventListener('holdfast-end-request', (event) => window.objects && event.preventDefault());
    window.objects = true;
  });
  await visitor.meet();
  await server.say('Hello');
  await visitor.page.evaluate(() => document.querySelector('holdfast-chat').send('by method'));
  await visitor.settled(['Hello', 'by method']);
  await visitor.page.evaluate(() => document.querySelector('holdfast-chat').end());
  assert.equal(await visitor.page.evaluate(() => document.querySelector('holdfast-chat').state), 'talking');
  await visitor.page.evaluate(() => { window.objects = false; document.querySelector('holdfast-chat').end(); });
  await visitor.button('Start chat').waitFor();
  const told = await visitor.page.evaluate(() => window.told.map(([name]) => name));
  assert.deepEqual(told, ['open-request', 'opened', 'session-started', 'agent-joined', 'message-received', 'message-sent',
    'end-request', 'end-request', 'session-ended']);
});

scenario('events go between this page and the agent\'s, and none of them loads or begins anything', async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.launcher.waitFor();
  const loaded = [];
  visitor.page.on('request', (request) => loaded.push(request.url()));
  await visitor.page.evaluate(() => {
    window.told = [];
    for (const kind of ['custom', 'error']) addEventListener(`holdfast-${kind}`, ({ detail }) => told.push(detail));
    document.querySelector('holdfast-chat').notify('early', '1');
    return new Promise(requestAnimationFrame);
  });
  assert.deepEqual(loaded, []);
  await visitor.page.evaluate(() => {
    const chat = document.querySelector('holdfast-chat');
    chat.open();
    // The panel is not there yet.
    chat.notify('cart', '{"items":2}');
    chat.notify('seen');
  });
  await server.until((record) => record.phase == 'queued', 'the conversation is queued');
  await server.accept();
  const came = (record) => record.events.filter(({ type }) => type == 'customEvent').map(({ event, data }) => [event, data]);
  await server.until((record) => came(record).length >= 2, 'the agent\'s page heard both');
  await server.agent({ customEvent: { type: 'discount', data: '5' } });
  await until(() => visitor.page.evaluate(() => told.length > 0), 'the page is told');
  assert.deepEqual(came(await server.record()), [['cart', '{"items":2}'], ['seen', '']]);
  assert.deepEqual(await visitor.page.evaluate(() => told), [{ type: 'discount', data: '5' }]);
});

scenario('attributes that cannot be meant are named on the console', async ({ visit }) => {
  const visitor = await visit({ page: '/pages/broken.html' });
  await visitor.open();
  await until(() => visitor.said.some((line) => line.includes('organization-id')), 'the attribute is named');
});

scenario('the back-forward cache brings the conversation back', async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.meet();
  await visitor.page.goto(`${server.origin}/pages/empty.html`);
  await server.say('while away');
  await visitor.page.goBack();
  await visitor.sees('while away');
  await visitor.send('back again');
  await visitor.settled(['while away', 'back again']);
});
