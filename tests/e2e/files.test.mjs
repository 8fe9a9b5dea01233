// Files both ways, over the backend that knows them: Genesys Mobile Services.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { conversation, scenario, until, useBrowser } from './harness.mjs';

useBrowser();

const page = `/pages/backend.html?${new URLSearchParams({
  protocol: 'genesys', variant: 'gms', endpoint: '/', service: 'customer-support', uploads: 'on',
})}`;
const tells = (what, run) => scenario(what, run, { context: { page } });

/** Picks a file by the paper clip, or by whatever else asks for one. */
async function attach(visitor, name, content, label = 'Attach a file') {
  const chooser = visitor.page.waitForEvent('filechooser');
  await visitor.panel.locator('label', { hasText: label }).click();
  await (await chooser).setFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) });
}

const happened = (server, kind, count = 1) =>
  server.until(({ events }) => events.filter(({ type }) => type == kind).length == count, `${count} ${kind}`);

tells('a visitor attaches a file, finds it after a reload, and takes it back', async ({ server, visit }) => {
  const visitor = await conversation({ server, visit });
  await attach(visitor, 'scan.pdf', 'x'.repeat(1_500));
  await server.until(({ events }) => events.some(({ type, name, size }) => type == 'upload' && name == 'scan.pdf' && size == 1_500), 'the file arrives');
  await visitor.sees('scan.pdf');
  await visitor.sees('1.5 kB');
  await visitor.page.reload();
  await visitor.sees('scan.pdf');
  await visitor.button('Remove scan.pdf').click();
  await visitor.sees('scan.pdf was removed');
  await happened(server, 'deleteFile');
  assert.equal(await visitor.button('Remove scan.pdf').count(), 0);
});

tells('a file that may not be sent stays here, with the reason', async ({ server, visit }) => {
  const visitor = await conversation({ server, visit });
  await attach(visitor, 'run.exe', 'MZ');
  await visitor.sees('Only these kinds of files can be sent: jpg, jpeg, png, gif, pdf, txt');
  await attach(visitor, 'film.pdf', 'x'.repeat(2_100_000), 'Choose a file');
  await visitor.sees('This file is too large. At most 2 MB can be sent.');
  await attach(visitor, 'small.pdf', 'x', 'Choose a file');
  await visitor.sees('small.pdf');
  await happened(server, 'upload');
});

tells('an upload whose answer is lost has arrived once', async ({ server, visit }) => {
  const visitor = await conversation({ server, visit });
  const fault = await server.fault({ noun: 'fileUpload', action: { kind: 'dropAnswer' } });
  await attach(visitor, 'scan.pdf', 'x');
  await server.struck(fault);
  await visitor.button('Remove scan.pdf').waitFor();
  await until(async () => await visitor.panel.getByText('could not be sent').count() == 0, 'nothing says that it failed');
  await happened(server, 'upload');
});

tells('an agent’s file is saved under its name, as often as the backend lets', async ({ server, visit }) => {
  const visitor = await conversation({ server, visit });
  await server.agent({ sendFile: { name: 'offer.txt', type: 'text/plain', text: 'four euros' } });
  const button = visitor.button('Download offer.txt');
  for (let n = 0; n < 2; n += 1) {
    const download = visitor.page.waitForEvent('download');
    await button.click();
    const saved = await download;
    assert.equal(saved.suggestedFilename(), 'offer.txt');
    assert.equal(await readFile(await saved.path(), 'utf8'), 'four euros');
  }
  await button.click();
  await visitor.sees('The file could not be downloaded.');
});

tells('what the visitor has read and is called is told', async ({ server, visit }) => {
  const visitor = await conversation({ server, visit });
  await happened(server, 'readReceipt');
  await visitor.page.evaluate(() => { document.querySelector('holdfast-chat').visitor = { name: 'Mira Oak' }; });
  await server.until(({ lines, events }) => JSON.stringify([lines, events]).includes('Mira Oak'), 'the name is known');
});
