// Every message once and in order, whatever happens to the page, the network and the server.

import assert from 'node:assert/strict';
import { arrives, conversation, scenario, until, useBrowser } from './harness.mjs';

useBrowser();

const twenty = Array.from({ length: 20 }, (_, n) => `message ${n + 1}`);

scenario('what is typed in the queue goes out once, after an agent accepts', async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.open();
  await server.until((record) => record.phase == 'queued', 'the conversation is queued');
  for (const word of ['one', 'two', 'three']) await visitor.send(word);
  await visitor.sees('Sending');
  assert.deepEqual(await server.delivered(), []);

  await server.accept();

  await arrives(server, visitor, ['one', 'two', 'three']);
  const { requests } = await server.record();
  assert.equal(requests.filter(({ noun }) => noun == 'MultiNoun').length, 1);
});

scenario('a reload in the queue keeps the place and what was typed', async ({ server, visit }) => {
  const visitor = await visit();
  await visitor.open();
  await server.until((record) => record.phase == 'queued', 'the conversation is queued');
  await visitor.send('one');
  await visitor.box.fill('a draft');

  await visitor.page.reload();
  await visitor.sees('Sending');
  assert.equal(await visitor.box.inputValue(), 'a draft');
  await server.accept();

  await arrives(server, visitor, ['one']);
  assert.equal((await server.get('conversations')).length, 1);
});

scenario('a reload in mid-poll keeps the transcript and misses nothing', async ({ server, visit }) => {
  const visitor = await conversation({ server, visit });
  await server.until((record) => record.openPolls == 1, 'a poll is open');

  const reloaded = visitor.page.reload();
  await server.say('Are you still there?');
  await reloaded;

  await visitor.settled(['How can I help?', 'before', 'Are you still there?']);
  await visitor.send('after');
  await arrives(server, visitor, ['before', 'after']);
}, { settings: { pollHoldMs: 5000 } });

for (const [fate, kind] of [['was processed', 'hangAnswer'], ['was not processed', 'hang']]) {
  scenario(`a reload in mid-send, where the message ${fate}`, async ({ server, visit }) => {
    const visitor = await conversation({ server, visit });
    const fault = await server.fault({ noun: 'ChatMessage', action: { kind } });
    await visitor.send('in between');
    await server.struck(fault);
    await visitor.send('after');

    await visitor.page.reload();

    await arrives(server, visitor, ['before', 'in between', 'after']);
  });
}

scenario('a reload during a handover', async ({ server, visit }) => {
  const visitor = await conversation({ server, visit });
  const fault = await server.fault({ noun: 'ReconnectSession', action: { kind: 'hang' } });
  await server.rotate();
  await server.struck(fault);
  await visitor.send('in between');

  await visitor.page.reload();

  await arrives(server, visitor, ['before', 'in between']);
  await server.say('Welcome back');
  await visitor.settled(['How can I help?', 'before', 'in between', 'Welcome back']);
});

for (const on of ['poll', 'post', 'both']) {
  scenario(`a handover that begins on: ${on}`, async ({ server, visit }) => {
    const visitor = await conversation({ server, visit });
    await server.rotate({ on });
    await visitor.send('in between');
    await server.say('Still here');
    await visitor.settled(['Still here']);
    await visitor.send('after');
    await arrives(server, visitor, ['before', 'in between', 'after']);
    assert.equal((await server.record()).handovers, 1);
  });
}

scenario('a handover that swallowed a message which it had processed', async ({ server, visit }) => {
  const visitor = await conversation({ server, visit });
  // The first post after this has to be the message: no sign that the visitor types, or does not any more.
  await server.until(({ requests }) => requests.some(({ noun, status }) => noun == 'ChasitorNotTyping' && status == 200), 'no sign is due');
  await server.rotate({ on: 'post', processInFlight: true });
  await visitor.page.evaluate(() => document.querySelector('holdfast-chat').send('in between'));
  await server.until(({ requests }) => requests.some(({ noun, status }) => noun == 'ChatMessage' && status == 503), 'it is swallowed');
  await visitor.send('after');
  await arrives(server, visitor, ['before', 'in between', 'after']);
});

scenario('a handover without reset numbering', async ({ server, visit }) => {
  const visitor = await conversation({ server, visit });
  await server.rotate({ resetSequence: false });
  await visitor.send('in between');
  await arrives(server, visitor, ['before', 'in between']);
});

scenario('a handover whose record repeats what also comes as news', async ({ server, visit }) => {
  const visitor = await conversation({ server, visit });
  const fault = await server.fault({ noun: 'ReconnectSession', action: { kind: 'hold' } });
  await server.rotate({ replay: 'overlap' });
  await server.struck(fault);
  await server.say('first missed');
  await server.say('second missed');
  await server.post(`faults/${fault.id}/release`);
  await visitor.settled(['How can I help?', 'before', 'first missed', 'second missed']);
  await visitor.send('after');
  await arrives(server, visitor, ['before', 'after']);
});

scenario('two handovers in a row', async ({ server, visit }) => {
  const visitor = await conversation({ server, visit });
  await server.rotate();
  await visitor.send('in between');
  await server.until(({ requests }) => requests.some(({ noun }) => noun == 'ReconnectSession'), 'it reconnects');
  await server.rotate();
  await arrives(server, visitor, ['before', 'in between']);
  assert.equal((await server.record()).handovers, 2);
});

scenario('a handover whose reconnecting is refused with 503 at first', async ({ server, visit }) => {
  const visitor = await conversation({ server, visit });
  await server.fault({ noun: 'ReconnectSession', times: 2, action: { kind: 'status', code: 503 } });
  await server.rotate();
  await visitor.sees('Reconnecting');
  await visitor.send('in between');
  await arrives(server, visitor, ['before', 'in between']);
});

scenario('twenty messages typed during a handover arrive once and in order', async ({ server, visit }) => {
  const visitor = await conversation({ server, visit });
  const fault = await server.fault({ noun: 'ReconnectSession', action: { kind: 'hold' } });
  await server.rotate();
  await server.struck(fault);
  for (const word of twenty) await visitor.send(word);
  await server.post(`faults/${fault.id}/release`);
  await arrives(server, visitor, ['before', ...twenty]);
});

scenario('ten seconds offline', async ({ server, visit }) => {
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

for (const kind of ['dropAnswer', 'cut', 'dropRequest']) {
  scenario(`a send that ends with ${kind} is delivered once`, async ({ server, visit }) => {
    const visitor = await conversation({ server, visit });
    const fault = await server.fault({ noun: 'ChatMessage', action: { kind } });
    await visitor.send('in between');
    await server.struck(fault);
    await visitor.send('after');
    await arrives(server, visitor, ['before', 'in between', 'after']);
  });

  scenario(`several messages whose post ends with ${kind} are delivered once`, async ({ server, visit }) => {
    const visitor = await visit();
    await visitor.open();
    await server.until((record) => record.phase == 'queued', 'the conversation is queued');
    for (const word of ['one', 'two', 'three']) await visitor.send(word);
    const fault = await server.fault({ noun: 'MultiNoun', action: { kind } });
    await server.accept();
    await server.struck(fault);
    await visitor.send('four');
    await arrives(server, visitor, ['one', 'two', 'three', 'four']);
  });

  scenario(`a poll that ends with ${kind} loses nothing and repeats nothing`, async ({ server, visit }) => {
    const visitor = await conversation({ server, visit });
    const openPoll = ({ requests }) => requests.find(({ noun, outcome }) => noun == 'Messages' && outcome == 'open');
    await server.until(openPoll, 'a poll is open');
    const { number } = openPoll(await server.record());
    const fault = await server.fault({ noun: 'Messages', action: { kind } });
    await server.say('one');
    // The next poll is the one that suffers, with an answer that says something.
    await server.until((record) => openPoll(record)?.number > number || kind == 'dropRequest', 'the next poll is open');
    await server.say('two');
    await server.struck(fault);
    await visitor.settled(['How can I help?', 'before', 'one', 'two']);
    const shown = await visitor.words();
    assert.deepEqual(shown, ['How can I help?', 'before', 'one', 'two']);
  }, { settings: { pollHoldMs: 3000 } });
}

scenario('a server that restarts', async ({ server, visit }) => {
  const visitor = await conversation({ server, visit });
  await server.post('restart');
  await visitor.send('after');
  await arrives(server, visitor, ['before', 'after']);
});

scenario('an expired session ends with a sentence, and a new chat starts', async ({ server, visit }) => {
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

scenario('a message refused by the server can be tried again and discarded', async ({ server, visit }) => {
  const visitor = await conversation({ server, visit });
  await server.fault({ noun: 'ChatMessage', times: 2, action: { kind: 'status', code: 400, body: 'no' } });
  await visitor.send('refused');
  await visitor.sees('Not sent');
  await visitor.send('refused too');
  await until(async () => (await visitor.panel.getByText('Not sent').count()) == 2, 'both are not sent');

  await visitor.button('Discard').last().click();
  await visitor.button('Retry').click();

  await arrives(server, visitor, ['before', 'refused']);
  await until(async () => (await visitor.panel.getByText('Not sent').count()) == 0, 'nothing is left unsent');
});
