// The page in the hands of a test: its clock, its network, its storage, and what was left behind in it.
//
// Knows nothing of the widget. Whatever is replaced is put back by `release`, also after a test that stopped half-way.

const wait = setTimeout.bind(window);
const ask = fetch.bind(window);
const listen = EventTarget.prototype.addEventListener;
const undo = [];
// Who holds a lock since a test before that stopped half-way is not part of this one.
let before = new Set();
const elsewhere = [];

// An engine's driver may watch over its own scripts with a timer of the page, for as long as WebDriver lets one run.
const WEBDRIVER = 30_000;

// What is there and should not stay: each is taken out when it ends by itself or is ended.
let listeners = [];
let timers = new Map();
let frames = new Set();
let observers = new Map();
let channels = new Set();
let requests = [];
let clock = null;
let whileReading = null;
let whole = 0;

// WebKit remembers which getter of the window it found, and overlooks another one that takes its place later; one that
// does not come from the window's own table is looked up anew.
for (const name of ['sessionStorage', 'localStorage']) {
  const { get } = Object.getOwnPropertyDescriptor(window, name);
  Object.defineProperty(window, name, { configurable: true, get: () => get.call(window) });
}

const replace = (owner, name, descriptor) => {
  const before = Object.getOwnPropertyDescriptor(owner, name);
  undo.push(() => (before ? Object.defineProperty(owner, name, before) : delete owner[name]));
  Object.defineProperty(owner, name, { configurable: true, ...descriptor });
};
const replaceMethod = (owner, name, make) => replace(owner, name, { writable: true, value: make(owner[name]) });

/** Puts everything back and leaves an empty storage. */
export function release() {
  // What a test left behind that stopped half-way must not take part in the next one.
  for (const { target, kind, listener, capture } of listeners) target.removeEventListener(kind, listener, capture);
  for (const id of timers.keys()) clearTimeout(id);
  for (const id of frames) cancelAnimationFrame(id);
  while (undo.length) undo.pop()();
  while (elsewhere.length) elsewhere.pop().end();
  listeners = [];
  timers = new Map();
  frames = new Set();
  observers = new Map();
  for (const channel of channels) channel.close();
  channels = new Set();
  requests = [];
  clock = whileReading = null;
  sessionStorage.clear();
  localStorage.clear();
}

/** Takes the page over: from now on everything that could be left behind is written down. */
export async function seize() {
  release();
  const { held, pending } = await navigator.locks.query();
  before = new Set([...held, ...pending].map(({ name }) => name));
  const capture = (options) => !!(typeof options == 'object' ? options?.capture : options);
  replaceMethod(EventTarget.prototype, 'addEventListener', (add) => function (kind, listener, options) {
    const is = (other) => other.target == this && other.kind == kind && other.listener == listener && other.capture == capture(options);
    if (listener && !listeners.some(is)) listeners.push({ target: this, kind, listener, capture: capture(options) });
    return add.call(this, kind, listener, options);
  });
  replaceMethod(EventTarget.prototype, 'removeEventListener', (remove) => function (kind, listener, options) {
    listeners = listeners.filter((other) => other.target != this || other.kind != kind || other.listener != listener || other.capture != capture(options));
    return remove.call(this, kind, listener, options);
  });
  for (const [start, stop, isOnce] of [['setTimeout', 'clearTimeout', true], ['setInterval', 'clearInterval', false]]) {
    replaceMethod(window, start, (start) => (callback, span = 0, ...rest) => {
      const run = () => {
        if (isOnce) timers.delete(id);
        callback(...rest);
      };
      if (span == WEBDRIVER) return start.call(window, callback, span, ...rest);
      const id = clock ? -1 - clock.set++ : start.call(window, run, span);
      timers.set(id, { span, run });
      return id;
    });
    replaceMethod(window, stop, (stop) => (id) => {
      timers.delete(id);
      stop.call(window, id);
    });
  }
  replaceMethod(window, 'requestAnimationFrame', (start) => (callback) => {
    const id = start.call(window, (time) => {
      frames.delete(id);
      callback(time);
    });
    frames.add(id);
    return id;
  });
  replaceMethod(window, 'cancelAnimationFrame', (stop) => (id) => {
    frames.delete(id);
    stop.call(window, id);
  });
  replaceMethod(window, 'BroadcastChannel', (BroadcastChannel) => class extends BroadcastChannel {
    constructor(name) {
      super(name);
      channels.add(this);
    }
    close() {
      channels.delete(this);
      super.close();
    }
  });
  for (const name of ['ResizeObserver', 'MutationObserver', 'IntersectionObserver']) {
    replaceMethod(window[name].prototype, 'observe', (observe) => function (...all) {
      observers.set(this, name);
      return observe.apply(this, all);
    });
    replaceMethod(window[name].prototype, 'disconnect', (disconnect) => function () {
      observers.delete(this);
      return disconnect.call(this);
    });
  }
}

/** What is still there: a listener counts where its target outlives what is taken out of the page. */
export function left() {
  const outlives = ({ target }) => !(target instanceof Node) || target.isConnected;
  return [
    ...listeners.filter(outlives).map(({ kind, target }) => `a listener for ${kind} on ${target.constructor.name}`),
    ...[...timers.values()].map(({ span }) => `a timer of ${span}`),
    ...[...frames].map(() => 'a frame'),
    ...[...observers.values()],
    ...[...channels].map(() => 'a channel'),
    ...requests.filter(({ state }) => state == 'open').map(({ path }) => `a request for ${path}`),
  ];
}

/** The widget's locks that are held, and those that are waited for. */
export async function locks() {
  const { held, pending } = await navigator.locks.query();
  const named = (word) => ({ name }) => (name.startsWith('holdfast:') && !before.has(name) ? [word] : []);
  return [...held.flatMap(named('held')), ...pending.flatMap(named('wanted'))];
}

/** Lets timers, answers and events have their turn. */
export const turn = () => new Promise((go) => wait(go, 0));

// Network

const note = (request, options) => {
  const noted = { path: new URL(request.url ?? request, location).pathname, state: 'open' };
  const signal = options?.signal ?? request.signal;
  listen.call(signal, 'abort', () => noted.state == 'open' && (noted.state = 'aborted'));
  // What is aborted already never leaves the page.
  if (!signal.aborted) requests.push(noted);
  return [noted, signal];
};

/** A network that takes every request and answers none; `answer` does. */
export function silence() {
  replace(window, 'fetch', {
    writable: true,
    value: (request, options) => new Promise((resolve, reject) => {
      const [noted, signal] = note(request, options);
      if (signal.aborted) reject(signal.reason);
      else listen.call(signal, 'abort', () => reject(signal.reason));
      noted.answer = (body) => {
        if (noted.state == 'open') noted.state = 'answered';
        resolve(new Response(body));
      };
      noted.refuse = (error) => {
        if (noted.state == 'open') noted.state = 'refused';
        reject(error);
      };
    }),
  });
}

/** The real network, watched: a request stays open until its body is there. */
export function overhear() {
  replaceMethod(window, 'fetch', () => (request, options) => {
    const [noted] = note(request, options);
    const answer = ask(request, options);
    answer.then((response) => (noted.response = response), (error) => (noted.state = error.name));
    return answer;
  });
  replaceMethod(Response.prototype, 'text', (text) => function () {
    const noted = requests.find(({ response }) => response == this) ?? {};
    const body = text.call(this);
    body.then(() => (noted.state = 'answered'), (error) => (noted.state = error.name));
    whileReading?.();
    return body;
  });
}

/** What became of each request: `open`, `answered`, `refused`, `aborted`, or the name of an error. */
export const fates = () => requests.map(({ state }) => state);
export const answer = (place, body) => requests[place].answer(body);
export const refuse = (place, error) => requests[place].refuse(error);
export const when_reading = (callback) => (whileReading = callback);

/** The largest thing that this page has loaded: its body comes in many pieces. */
export const something_large = () =>
  performance.getEntriesByType('resource').map(({ name }) => name).find((name) => name.endsWith('.wasm'));

// Clock

/** From now on time passes by `sleep` only, and timers go off by `ring` only. */
export function stop_clock() {
  clock = { now: Date.now(), set: 0 };
  replace(Date, 'now', { writable: true, value: () => clock.now });
}
export const sleep = (millis) => (clock.now += millis);
export const waits = () => [...timers.values()].map(({ span }) => span);
export const alarms_set = () => clock.set;
export const ring = () => [...timers.values()].forEach(({ run }) => run());

/** The page is hidden from now on, and its timers wait for ever. */
export function hide() {
  replace(Document.prototype, 'hidden', { get: () => true });
  replace(window, 'setTimeout', { writable: true, value: () => 0 });
  document.dispatchEvent(new Event('visibilitychange'));
}

// Storage

const storageOf = (descriptor) => ['sessionStorage', 'localStorage'].forEach((name) => replace(window, name, descriptor));
const forbidden = () => {
  throw new DOMException('not here', 'SecurityError');
};

/** Breaks both kinds of storage: `forbidden`, `missing` or `null` as a whole; `unreadable` or `unwritable` in what it does. */
export function break_storage(how) {
  whole = undo.length;
  if (how == 'forbidden') storageOf({ get: forbidden });
  else if (how == 'missing') storageOf({ value: undefined });
  else if (how == 'null') storageOf({ value: null });
  else if (how == 'unreadable') for (const name of ['getItem', 'key']) replaceMethod(Storage.prototype, name, () => forbidden);
  else if (how == 'unwritable') replaceMethod(Storage.prototype, 'setItem', () => () => { throw new DOMException('full', 'QuotaExceededError'); });
  else throw new Error(how);
}
export const mend_storage = () => undo.splice(whole).reverse().forEach((put_back) => put_back());

/** Fills the storage until it takes not one letter more, and returns how many it took and by which error it refused. */
export function fill_storage() {
  let [taken, name] = [0, ''];
  for (let size = 1 << 22; size; size >>= 1) {
    try {
      for (let place = 0; ; place++) {
        sessionStorage.setItem(`page:${size}:${place}`, 'x'.repeat(size));
        taken += size;
        // A storage without an end would be filled for ever.
        if (taken > 1 << 28) return [taken, 'none'];
      }
    } catch (error) {
      name = error.name;
    }
  }
  return [taken, name];
}
export const foreign_records = () => Object.keys(sessionStorage).filter((key) => key.startsWith('page:')).length;
export const empty_storage = () => sessionStorage.clear();

// Somebody else of the same origin

const LOCKING = `
  let release;
  const take = (name) => new Promise((told) => {
    navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      told(!!lock);
      return lock && new Promise((open) => (release = open));
    }).catch((error) => told(error.name));
  });
  const obey = ([verb, name]) => (verb == 'take' ? take(name) : (release?.(), true));`;

const frame = async () => {
  const element = document.createElement('iframe');
  document.body.append(element);
  const obey = element.contentWindow.eval(LOCKING + 'obey');
  return { ask: async (...words) => obey(words), end: () => element.remove() };
};

const worker = async () => {
  const url = URL.createObjectURL(new Blob([`${LOCKING} onmessage = async ({ data }) => postMessage(await obey(data));`]));
  const worker = new Worker(url);
  const ask = (...words) => new Promise((told, failed) => {
    worker.onmessage = ({ data }) => told(data);
    worker.onerror = failed;
    worker.postMessage(words);
  });
  return { ask, end: () => worker.terminate() };
};

/** Somebody else: a `frame` of the same thread, or a `worker` on another, as another tab would be. */
export async function somebody(kind) {
  const one = await { frame, worker }[kind]();
  elsewhere.push(one);
  return one;
}
/** `true` or `false`; or by which error it was refused. */
export const takes = (one, name) => one.ask('take', name);
export const lets_go = (one) => one.ask('release');
export const goes = (one) => one.end();

/** A browser that has no locks (`missing`), allows none here (`refused`), or never says anything about them (`hanging`). */
export function without_locks(how) {
  const saying = (answer) => ({ request: answer, query: answer });
  const refuse = () => Promise.reject(new DOMException('not here', 'SecurityError'));
  replace(navigator, 'locks', { value: { refused: saying(refuse), hanging: saying(() => new Promise(() => {})) }[how] });
}

// The page's own life

/** The browser's event of leaving and coming back. */
export const transition = (kind, persisted) => dispatchEvent(new PageTransitionEvent(kind, { persisted }));

/** A root in a shadow root, as the element has it. */
export function root() {
  const host = document.createElement('div');
  document.body.append(host);
  undo.push(() => host.remove());
  const root = document.createElement('div');
  host.attachShadow({ mode: 'open' }).append(root);
  return root;
}
export const sheets = (root) => root.getRootNode().adoptedStyleSheets.length;

/** The real element, whose WebAssembly is this. */
export async function element(mount, attributes) {
  if (!customElements.get('holdfast-chat')) {
    const script = document.createElement('script');
    script.src = '/pkg/holdfast.js';
    const loaded = new Promise((good, bad) => ((script.onload = good), (script.onerror = bad)));
    document.head.append(script);
    await loaded;
  }
  const Chat = customElements.get('holdfast-chat');
  const load = Chat.load;
  Chat.load = async () => ({ mount, default: async () => {} });
  undo.push(() => (Chat.load = load));
  const chat = document.createElement('holdfast-chat');
  for (const [name, value] of Object.entries(attributes)) chat.setAttribute(name, value);
  undo.push(() => chat.remove());
  return chat;
}
export const put_in = (chat) => document.body.append(chat);
export const take_out = (chat) => chat.remove();
export const open = (chat) => chat.open();
export const has_panel = (chat) => chat.shadowRoot?.querySelector('#panel') != null;
