// A visitor against a real homeserver, with an agent whose client is not ours.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { canSleep, sleep, until, useBrowser } from './harness.mjs';
import { arrives, conversation, jwtSecret, meddle, scenario, useHomeserver } from './homeserver.mjs';

useBrowser();
useHomeserver();

scenario('a visitor and an agent talk', async ({ homeserver, hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  agent.wish({ typing: true });
  await visitor.sees('Noor B. is typing');
  await agent.say('Which **order**?', { format: 'org.matrix.custom.html', formatted_body: 'Which <b>order</b><img src=x onerror=alert(1)>?' });
  await visitor.settled(['Which order?']);
  await visitor.box.pressSequentially('My parcel');
  await agent.hears(({ typing }) => typing?.length == 1, 'sees the visitor type');
  await visitor.send('My parcel is late');
  await visitor.send('since Monday');
  await arrives({ homeserver, agent, visitor }, ['before', 'My parcel is late', 'since Monday']);
  await agent.hears(({ heard }) => heard == 'since Monday', 'hears the last message');
  assert.deepEqual(agent.heard, ['before', 'My parcel is late', 'since Monday']);
});

scenario('an agent changes what they said, and takes it back', async ({ hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  const { id } = await agent.say('We open at nine');
  const { id: code } = await agent.say('The code is 4711');
  await visitor.settled(['We open at nine', 'The code is 4711']);

  const relation = { rel_type: 'm.replace', event_id: id };
  await agent.say('* We open at ten', { 'm.new_content': { msgtype: 'm.text', body: 'We open at ten' }, 'm.relates_to': relation });
  await visitor.settled(['We open at ten', 'The code is 4711']);
  await visitor.sees('edited');
  agent.wish({ take_back: code });
  await visitor.settled(['How can I help?', 'before', 'We open at ten', 'This message was withdrawn.']);
  assert.ok(!(await visitor.words()).includes('We open at nine'));

  await visitor.page.reload();
  await visitor.settled(['How can I help?', 'before', 'We open at ten', 'This message was withdrawn.']);
  const stored = await visitor.page.evaluate(() => JSON.stringify(sessionStorage));
  assert.ok(!stored.includes('4711') && stored.includes('We open at ten'), stored);
});

scenario('what is written before anybody is there is read by whoever comes', async ({ homeserver, hire, visit }) => {
  const visitor = await visit();
  await visitor.open();
  await visitor.send('one');
  await visitor.send('two');
  await visitor.settled(['one', 'two']);
  const agent = await hire();
  await agent.hears(({ heard }) => heard == 'two', 'hears what was said');
  await agent.say('I am here');
  await visitor.sees('I am here');
  await arrives({ homeserver, agent, visitor }, ['one', 'two']);
}, { settings: { auto_accept_invites: { enabled: false } } });

scenario('a reload in mid-poll keeps the transcript and misses nothing', async ({ homeserver, hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  const reloaded = visitor.page.reload();
  await agent.say('Are you still there?');
  await reloaded;
  await visitor.settled(['How can I help?', 'before', 'Are you still there?']);
  await visitor.send('after');
  await arrives({ homeserver, agent, visitor }, ['before', 'after']);
});

for (const [fate, isTaken] of [['was taken', true], ['was not taken', false]]) {
  scenario(`a reload in mid-send, where the message ${fate}`, async ({ homeserver, hire, visit }) => {
    const { agent, visitor } = await conversation({ hire, visit });
    let hits = 0;
    await meddle(visitor, '/send/m.room.message/', async (route) => {
      if (route.request().method() != 'PUT' || hits++) return route.continue();
      if (isTaken) await route.fetch();
      // No answer ever comes.
      await new Promise(() => {});
    });
    await visitor.send('in between');
    await until(async () => hits > 0 && (!isTaken || (await homeserver.delivered(agent.room)).includes('in between')), 'it hangs');
    await visitor.send('after');

    await visitor.page.reload();

    await arrives({ homeserver, agent, visitor }, ['before', 'in between', 'after']);
  });
}

scenario('a message whose answer is lost, and the one after it', async ({ homeserver, hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  let hits = 0;
  await meddle(visitor, '/send/m.room.message/', async (route) => {
    if (route.request().method() != 'PUT' || hits++ > 2) return route.continue();
    await route.fetch();
    await route.abort();
  });
  for (const word of ['one', 'two', 'three']) await visitor.send(word);
  await arrives({ homeserver, agent, visitor }, ['before', 'one', 'two', 'three']);
});

scenario('the same message put eight times at once', async ({ homeserver, hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  await meddle(visitor, '/send/m.room.message/', async (route) => {
    if (route.request().method() != 'PUT') return route.continue();
    const answers = await Promise.all(Array.from({ length: 8 }, () => route.fetch()));
    const ids = await Promise.all(answers.map(async (answer) => (await answer.json()).event_id));
    assert.equal(new Set(ids).size, 1, `${ids}`);
    await route.fulfill({ response: answers[0] });
  });
  await visitor.send('once');
  await arrives({ homeserver, agent, visitor }, ['before', 'once']);
});

scenario('polls that are cut off in their middle', async ({ homeserver, hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  let cut = 0;
  await meddle(visitor, '/v3/sync', async (route) => {
    if (route.request().method() != 'GET' || cut++ % 2) return route.continue();
    // The answer is there, and nobody reads it.
    await route.fetch().catch(() => {});
    await route.abort().catch(() => {});
  });
  const said = Array.from({ length: 6 }, (_, n) => `said ${n + 1}`);
  for (const word of said) await agent.say(word);
  await visitor.settled(said);
  await visitor.send('after');
  await arrives({ homeserver, agent, visitor }, ['before', 'after']);
  assert.ok(cut > 2, `${cut} polls`);
});

scenario('45 messages while the visitor is away', async ({ homeserver, hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  await visitor.context.setOffline(true);
  const said = Array.from({ length: 45 }, (_, n) => `while you were away ${n + 1}`);
  for (const word of said) await agent.say(word);
  await visitor.send('typed offline');
  await visitor.context.setOffline(false);
  await visitor.settled(said);
  await arrives({ homeserver, agent, visitor }, ['before', 'typed offline']);
});

for (const signal of ['SIGKILL', 'SIGTERM']) {
  scenario(`the homeserver ends by ${signal} in mid-conversation and comes back`, async ({ homeserver, hire, visit }) => {
    const { agent, visitor } = await conversation({ hire, visit });
    await visitor.send('right before');
    await visitor.settled(['right before']);
    await homeserver.kill(signal);
    await visitor.send('while it was gone');
    await visitor.sees('Trying again');
    await homeserver.begin();
    await visitor.settled(['before', 'right before', 'while it was gone']);
    await agent.say('Still here');
    await visitor.settled(['Still here']);
    await arrives({ homeserver, agent, visitor }, ['before', 'right before', 'while it was gone']);
  });
}

scenario('the homeserver is killed right behind the messages that it takes', async ({ homeserver, hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  const words = Array.from({ length: 6 }, (_, n) => `message ${n + 1}`);
  for (const word of words) await visitor.send(word);
  await until(async () => (await homeserver.delivered(agent.room)).length > 2, 'some of them are taken');
  await homeserver.kill();
  await homeserver.begin();
  await arrives({ homeserver, agent, visitor }, ['before', ...words]);
});

scenario('more messages at once than the homeserver allows', async ({ homeserver, hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  const words = Array.from({ length: 8 }, (_, n) => `message ${n + 1}`);
  for (const word of words) await visitor.send(word);
  await arrives({ homeserver, agent, visitor }, ['before', ...words]);
}, { settings: { rc_message: { per_second: 1, burst_count: 4 } } });

scenario('answers to the registration and to the wish for a room that are lost', async ({ homeserver, hire, visit }) => {
  const agent = await hire();
  const visitor = await visit();
  const lost = [];
  for (const part of ['/v3/register', '/v3/createRoom']) {
    await meddle(visitor, part, async (route) => {
      if (route.request().method() != 'POST' || lost.includes(part)) return route.continue();
      lost.push(part);
      await route.fetch();
      await route.abort();
    });
  }
  await visitor.open();
  await visitor.sees('Noor B. joined the chat');
  await visitor.send('hello');
  await agent.hears(({ heard }) => heard == 'hello', 'hears it');
  await arrives({ homeserver, agent, visitor }, ['hello']);
  assert.deepEqual(lost, ['/v3/register', '/v3/createRoom']);
  const { joined_rooms: rooms } = await homeserver.ask('GET', '/_matrix/client/v3/joined_rooms', { token: await homeserver.token() });
  assert.equal(rooms.length, 1);
});

scenario('a token that dies in mid-conversation', async ({ homeserver, hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  await homeserver.ask('POST', '/_matrix/client/v3/logout', { token: await tokenOf(visitor), body: {} });
  await visitor.send('after');
  await arrives({ homeserver, agent, visitor }, ['before', 'after']);
  await agent.say('Still here');
  await visitor.settled(['Still here']);
});

scenario('a token that is admitted by another', async ({ hire, visit, homeserver }) => {
  const admin = await homeserver.token();
  const made = await homeserver.ask('POST', '/_synapse/admin/v1/registration_tokens/new', { token: admin, body: { token: 'from-the-page' } });
  assert.equal(made.status, 200);
  await conversation({ hire, visit });
}, { settings: { registration_requires_token: true }, attributes: { 'registration-token': 'from-the-page' } });

scenario('the agent closes the chat by removing the visitor', async ({ hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  await agent.say('Goodbye');
  const { by } = await agent.hears(({ heard }) => heard == 'before', 'heard the visitor');
  agent.wish({ kick: by });
  await visitor.sees('The agent ended the chat');
  assert.ok((await visitor.words()).includes('Goodbye'));
  await visitor.button('Start chat').click();
  await visitor.sees('Noor B. joined the chat');
});

scenario('the agent closes the chat by leaving', async ({ hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  agent.wish({ leave: true });
  await visitor.sees('The agent ended the chat');
});

scenario('one agent hands over to another', async ({ homeserver, hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  const second = await hire('night');
  agent.wish({ invite: '@night:chat.example.test' });
  await visitor.sees('Ilse V. joined the chat');
  agent.wish({ leave: true });
  await visitor.sees('Noor B. left the chat');
  await second.hears(({ heard }) => heard == 'before', 'reads what was said before');
  await second.say('I take over', { });
  await visitor.settled(['I take over']);
  await visitor.send('after');
  await second.hears(({ heard }) => heard == 'after', 'hears the visitor');
  assert.deepEqual((await homeserver.messages(agent.room, 'night')).length, 4);
});

scenario('a room that is purged', async ({ homeserver, hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  await purge(homeserver, agent.room);
  await visitor.sees('The chat has expired');
});

scenario('a room that was purged while the visitor was away', async ({ homeserver, hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  await visitor.context.setOffline(true);
  await purge(homeserver, agent.room);
  await visitor.send('into nothing');
  await visitor.context.setOffline(false);
  await visitor.panel.getByText('The chat has expired').first().waitFor({ timeout: 60_000 });
  await visitor.sees('Not sent');
});

scenario('the visitor ends the chat, and is gone', async ({ homeserver, hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  const token = await tokenOf(visitor);
  await visitor.button('End chat').click();
  await visitor.button('End now').click();
  await visitor.button('Start chat').waitFor();
  await agent.hears(({ member, is_now }) => member?.startsWith('@v-') && is_now == 'leave', 'sees the visitor leave');
  assert.equal((await homeserver.ask('GET', '/_matrix/client/v3/joined_rooms', { token })).errcode, 'M_UNKNOWN_TOKEN');
  assert.equal(await tokenOf(visitor), undefined);
});

scenario('a room that somebody encrypted', async ({ hire, visit }) => {
  const agent = await hire();
  agent.wish({ create: 'secret', state: [
    { type: 'm.room.encryption', state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } },
    { type: 'm.room.join_rules', state_key: '', content: { join_rule: 'public' } },
  ] });
  await agent.hears(({ created }) => created, 'makes a room');
  const visitor = await visit();
  await visitor.open();
  await visitor.sees('The other side encrypted this chat.');
}, { attributes: { room: '#secret:chat.example.test' } });

scenario('a guest is invited by an agent', async ({ homeserver, hire, visit }) => {
  const agent = await hire();
  const visitor = await visit();
  await visitor.open();
  const guest = async () => Object.values(await visitor.records()).map((text) => /@\d+:chat\.example\.test/.exec(text)?.[0]).find(Boolean);
  await until(guest, 'the guest has a name');
  agent.wish({ create: 'for-a-guest', invites: [await guest()] });
  await visitor.sees('Noor B. joined the chat');
  await visitor.send('hello');
  await agent.hears(({ heard }) => heard == 'hello', 'hears the guest');
  await agent.say('Hello, guest');
  await visitor.settled(['hello', 'Hello, guest']);
  assert.equal((await homeserver.messages(agent.room)).length, 2);
}, { attributes: { identity: 'guest' }, invites: '' });

scenario('the site says who the visitor is, and says it again when that is not valid any more', async ({ homeserver, hire, visit }) => {
  const agent = await hire();
  const visitor = await visit({ script: `
    window.asked = [];
    new MutationObserver(() => {
      const chat = document.querySelector('holdfast-chat');
      if (chat) chat.credentials ??= async (again) => (asked.push(again), { token: '${jwt('mira')}' });
    }).observe(document, { childList: true, subtree: true });
  ` });
  await visitor.open();
  await visitor.sees('Noor B. joined the chat');
  await visitor.send('hello');
  const { by } = await agent.hears(({ heard }) => heard == 'hello', 'hears the visitor');
  assert.equal(by, '@mira:chat.example.test');
  await homeserver.ask('POST', '/_matrix/client/v3/logout', { token: await tokenOf(visitor), body: {} });
  await visitor.send('after');
  await agent.hears(({ heard }) => heard == 'after', 'hears the visitor again');
  assert.deepEqual(await visitor.page.evaluate(() => window.asked), [false, true]);
}, { attributes: { identity: 'site-token' } });

scenario('two tabs, of which the first is closed', async ({ homeserver, hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  const second = await visitor.duplicate();
  await second.settled(['How can I help?', 'before']);
  await visitor.page.close();
  await agent.say('Still here');
  await second.settled(['Still here']);
  await second.send('from the second tab');
  await arrives({ homeserver, agent, visitor: second }, ['before', 'from the second tab']);
});

scenario('files both ways', async ({ homeserver, hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  const chooser = visitor.page.waitForEvent('filechooser');
  await visitor.panel.locator('label', { hasText: 'Attach a file' }).click();
  await (await chooser).setFiles({ name: 'my scan.pdf', mimeType: 'application/pdf', buffer: Buffer.from('from the visitor') });
  await visitor.sees('my scan.pdf');
  await agent.hears(({ heard }) => heard == 'my scan.pdf', 'hears of the file');
  const token = await homeserver.token();
  const [sent] = (await homeserver.messages(agent.room)).filter(({ content }) => content.url);
  assert.deepEqual(sent.content.info, { mimetype: 'application/pdf', size: 16 });
  const kept = await fetch(`${homeserver.origin}/_matrix/client/v1/media/download/${sent.content.url.slice('mxc://'.length)}`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  assert.equal(await kept.text(), 'from the visitor');

  const upload = await fetch(`${homeserver.origin}/_matrix/media/v3/upload?filename=bill.txt`, {
    method: 'POST', headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'text/plain' }, body: 'from the agent',
  });
  const { content_uri: url } = await upload.json();
  await agent.say('bill.txt', { msgtype: 'm.file', url, info: { size: 14 } });
  await visitor.sees('bill.txt');
  const download = visitor.page.waitForEvent('download');
  await visitor.button('Download bill.txt').click();
  const saved = await download;
  assert.equal(saved.suggestedFilename(), 'bill.txt');
  assert.equal(await readFile(await saved.path(), 'utf8'), 'from the agent');

  await visitor.button('Remove my scan.pdf').click();
  await visitor.sees('my scan.pdf was removed');
});

scenario('the visitor sees what was read', async ({ hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  await visitor.send('Have you seen this?');
  const { id } = await agent.hears(({ heard }) => heard == 'Have you seen this?', 'hears it');
  await visitor.sees('Sent');
  agent.wish({ has_read: id });
  await visitor.sees('Read');

  await visitor.send('And this?');
  await visitor.settled(['Have you seen this?', 'And this?']);
  await visitor.page.reload();
  await visitor.settled(['Have you seen this?', 'And this?']);
  const states = await visitor.page.locator('[role=log] .own .state').allTextContents();
  assert.deepEqual(states, ['Read', 'Read', 'Sent']);
});

scenario('the agent sees what was read', async ({ homeserver, hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit });
  const { id } = await agent.say('Read this');
  await visitor.sees('Read this');
  await agent.hears(({ read }) => read?.includes(id), 'hears that it was read');
});

scenario('a laptop that is shut for an hour finds everything, in order and once', async ({ homeserver, hire, visit }) => {
  const { agent, visitor } = await conversation({ hire, visit: () => visit({ script: canSleep }) });
  const said = Array.from({ length: 45 }, (_, n) => `meanwhile ${n + 1}`);
  await sleep(visitor, async () => {
    for (const word of said) await agent.say(word);
  });
  await visitor.settled(said);
  await visitor.send('awake again');
  await arrives({ homeserver, agent, visitor }, ['before', 'awake again']);
});

/** An administrator takes a room away, with everything in it. */
async function purge(homeserver, room) {
  const token = await homeserver.token();
  const path = `/_synapse/admin/v2/rooms/${encodeURIComponent(room)}`;
  const { delete_id: id } = await homeserver.ask('DELETE', path, { token, body: { purge: true, force_purge: true } });
  await until(async () => {
    const told = await homeserver.ask('GET', `/_synapse/admin/v2/rooms/delete_status/${id}`, { token });
    return told.status == 'complete';
  }, 'the room is gone');
}

/** The visitor's token, as this tab has it stored. */
async function tokenOf(visitor) {
  const texts = Object.values(await visitor.records());
  return texts.map((text) => /syt_[\w-]+/.exec(text)?.[0]).find(Boolean);
}

function jwt(user) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: user, exp: Math.floor(Date.now() / 1000) + 3600 })}`;
  return `${signed}.${createHmac('sha256', jwtSecret).update(signed).digest('base64url')}`;
}
