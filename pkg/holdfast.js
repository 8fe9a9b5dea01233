// Draws the launcher, loads the panel, passes events on.
(() => {
  if (typeof HTMLElement == 'undefined' || customElements.get('holdfast-chat')) return;

  const script = document.currentScript ?? document.querySelector('script[src$="holdfast.js"]');
  const words = {
    en: ['Open chat', 'Close chat', 'The chat could not be loaded.', 'Try again', ' unread messages'],
    de: ['Chat öffnen', 'Chat schließen', 'Der Chat konnte nicht geladen werden.', 'Erneut versuchen', ' ungelesene Nachrichten'],
  };
  const css = `
:host{display:block;position:relative;height:600px}
:host(:not([position=inline])){all:initial!important;position:fixed!important;inset:auto 20px 20px auto!important;z-index:var(--holdfast-layer,2147483000)!important}
:host([position=bottom-left]){inset:auto auto 20px 20px!important}
:host([hidden]),[hidden],:host([position=inline]) .launcher{display:none!important}
.root{all:initial;display:block;height:100%;font:16px/1.45 var(--holdfast-font,system-ui,sans-serif)}
.launcher,.failure button{all:unset;box-sizing:border-box;background:var(--holdfast-accent,#1f5fd6);color:var(--holdfast-on-accent,#fff);cursor:pointer}
:focus-visible{outline:3px solid var(--holdfast-ring,#1f5fd6);outline-offset:3px}
.launcher{position:absolute;bottom:0;right:0;display:grid;place-items:center;width:60px;height:60px;border:1px solid transparent;border-radius:50%;box-shadow:0 8px 24px #0004;transition:.16s}
.launcher:hover{filter:brightness(1.1)}
.launcher svg{grid-area:1/1;width:28px;height:28px;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round;transition:.16s}
.launcher svg+svg,[aria-expanded=true] svg{opacity:0}
[aria-expanded=true] svg+svg{opacity:1}
[aria-busy]::after{content:"";grid-area:1/1;width:48px;height:48px;border:2px solid;border-top-color:transparent;border-radius:50%;animation:turn .8s linear infinite}
@keyframes turn{to{transform:rotate(1turn)}}
.badge{position:absolute;top:-4px;right:-4px;min-width:18px;padding:0 2px;border:2px solid #fff;border-radius:16px;background:#c9252d;color:#fff;font:700 12px/18px sans-serif;text-align:center}
.badge span{position:absolute;clip-path:inset(50%)}
.failure{position:absolute;bottom:76px;right:0;width:240px;padding:16px;border:1px solid transparent;border-radius:16px;background:#fff;color:#171c26;box-shadow:0 8px 24px #0004}
.failure button{display:block;margin-top:12px;padding:6px 14px;border-radius:10px}
:host([position=bottom-left]) :is(.launcher,.failure){right:auto;left:0}
:host([position=inline]) .failure{position:static}
@media(max-width:480px),(max-height:420px){[aria-expanded=true]{display:none!important}}
@media(prefers-reduced-motion){*,::after{transition:none!important;animation-duration:4s!important}}`;
  let sheet;
  let loading;
  let attempts = '';

  const make = (tag, attributes, ...children) => {
    const node = /svg|path/.test(tag) ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
    for (const name in attributes) node.setAttribute(name, attributes[name]);
    if (attributes.class) node.setAttribute('part', attributes.class);
    node.append(...children);
    return node;
  };
  const icon = (d) => make('svg', { viewBox: '0 0 28 28', 'aria-hidden': true }, make('path', { d }));

  // Browsers remember a failure by its name.
  const load = () =>
    (loading ??= HoldfastChat.load(attempts)
      .then(async (wasm) => (await wasm.default(), wasm))
      .catch((error) => {
        loading = null;
        attempts += '?';
        throw error;
      }));

  class HoldfastChat extends HTMLElement {
    static observedAttributes = ['open'];
    static load = (attempt) => import(/* @vite-ignore *//* webpackIgnore: true */new URL('wasm/holdfast_chat.js' + attempt, script?.src ?? document.baseURI));

    #root;
    #launcher;
    #badge;
    #failure;
    #handle;
    #starting;
    #visitor;
    #state = 'idle';
    #isOpen = false;
    #isWanted = false;

    #wake = () => {
      try {
        return Object.keys(sessionStorage).some((key) => key.startsWith('holdfast:')) && this.#start();
      } catch {}
    };

    get state() { return this.#state; }
    get visitor() { return this.#visitor; }
    set visitor(visitor) {
      this.#visitor = visitor;
      this.#handle?.set_visitor(visitor);
    }

    open() {
      this.#isWanted ||= !this.#isOpen && (!this.#root || this.#tell('open-request'));
      this.#reflect();
      if (this.#isWanted) this.#start().then((handle) => this.#isWanted && handle?.open());
    }

    close() {
      this.#isWanted = false;
      this.#failure?.remove();
      this.#handle?.shut();
      this.#reflect();
    }

    send(text) { this.#start().then((handle) => handle?.send(`${text}`)); }

    notify(kind, text = '') { this.#starting?.then((handle) => handle?.notify(`${kind}`, `${text}`)); }

    end() { if (this.#tell('end-request')) this.#handle?.end(); }

    connectedCallback() {
      if (this.#root) return;
      if (Object.hasOwn(this, 'visitor')) {
        this.#visitor = this.visitor;
        delete this.visitor;
      }
      const shadow = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
      if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(css);
      shadow.adoptedStyleSheets = [sheet];

      const launcher = this.#launcher = make('button', { class: 'launcher', 'aria-controls': 'panel', 'aria-describedby': 'unread' },
        icon('M8 6h12a3 3 0 0 1 3 3v7a3 3 0 0 1-3 3h-7l-5 4v-4a3 3 0 0 1-3-3V9a3 3 0 0 1 3-3z'), icon('m7 11 7 7 7-7'), (this.#badge = make('span', { class: 'badge', id: 'unread', hidden: true })));
      launcher.onclick = () => (this.#isOpen ? this.close() : this.open());
      launcher.onpointerenter = launcher.onfocus = () => load().catch(() => {});
      const lang = this.closest('[lang]')?.lang || navigator.language;
      this.#root = make('div', { class: 'root', lang, dir: getComputedStyle(this).direction }, launcher);
      shadow.replaceChildren(this.#root);

      addEventListener('pageshow', this.#wake);
      if (!this.#wake() && this.hasAttribute('open')) this.#isWanted = false, this.open();
      this.#reflect();
    }

    disconnectedCallback() {
      queueMicrotask(() => {
        if (this.isConnected) return; // Moved.
        removeEventListener('pageshow', this.#wake);
        this.#handle?.free();
        this.#root?.remove();
        this.#root = this.#handle = this.#starting = null;
        this.#isOpen = this.#isWanted = false;
      });
    }

    attributeChangedCallback() {
      const isAsked = this.hasAttribute('open');
      if (this.#root && isAsked != (this.#isOpen || this.#isWanted)) isAsked ? this.open() : this.close();
    }

    #words() { return words[this.#root.lang.slice(0, 2)] ?? words.en; }

    #start() {
      if (!this.#root) return Promise.resolve();
      return (this.#starting ??= this.#mount(this.#root).catch((error) => {
        this.#starting = null;
        if (this.#isWanted) this.#fail();
        this.#isWanted = false;
        this.#tell('error', { message: `${error}` });
        this.#reflect();
      }));
    }

    async #mount(root) {
      this.#failure?.remove();
      this.#launcher.setAttribute('aria-busy', true);
      try {
        const wasm = await load();
        const options = { visitor: this.#visitor };
        for (const { name, value } of this.attributes) options[name] = value;
        options.lang = root.lang;
        const handle = await wasm.mount(root, options, (kind, detail) => this.#hear(kind, detail));
        if (root == this.#root) return (this.#handle = handle);
        handle.free();
      } finally {
        this.#launcher.removeAttribute('aria-busy');
        this.#reflect();
      }
    }

    #fail() {
      const button = make('button', {}, this.#words()[3]);
      button.onclick = () => this.open();
      this.#failure = make('div', { class: 'failure', role: 'alert' }, this.#words()[2], button);
      this.#root.append(this.#failure);
    }

    #hear(kind, detail) {
      if (kind == 'state') this.#state = detail;
      else if (kind == 'unread') {
        this.#badge.hidden = !detail;
        this.#badge.replaceChildren(...(detail ? [detail > 99 ? '99+' : detail, make('span', {}, this.#words()[4])] : []));
      } else if (kind == 'panel') {
        const isOpen = detail == 'open';
        if (isOpen == this.#isOpen) return;
        this.#isOpen = isOpen;
        this.#isWanted = false;
        this.#reflect();
        if (!isOpen && this.shadowRoot.activeElement) this.#launcher.focus({ preventScroll: true });
        this.#tell(isOpen ? 'opened' : 'closed');
      } else return this.#tell(kind, detail);
    }

    #tell(kind, detail) {
      return this.dispatchEvent(new CustomEvent('holdfast-' + kind, { detail, bubbles: true, composed: true, cancelable: /request/.test(kind) }));
    }

    #reflect() {
      this.toggleAttribute('open', this.#isOpen || this.#isWanted);
      if (!this.#root) return;
      this.#launcher.setAttribute('aria-expanded', this.#isOpen);
      this.#launcher.setAttribute('aria-label', this.#words()[+this.#isOpen]);
    }
  }

  customElements.define('holdfast-chat', HoldfastChat);

  const add = () => {
    const chat = make('holdfast-chat', {});
    for (const { name, value } of script.attributes) if (name.startsWith('data-')) chat.setAttribute(name.slice(5), value);
    document.body.append(chat);
  };
  if (script?.dataset.protocol) document.body ? add() : addEventListener('DOMContentLoaded', add);
})();
