/* <holdfast-chat>: draws the launcher, loads the panel on interest, passes events on. MIT OR Apache-2.0 */
(() => {
  if (typeof HTMLElement == 'undefined' || customElements.get('holdfast-chat')) return;

  // A module has no current script: then the tag that names this file is asked, and `load` below may be replaced.
  const script = document.currentScript ?? document.querySelector('script[src$="holdfast.js"]');
  const words = {
    en: ['Open chat', 'Close chat', 'The chat could not be loaded.', 'Try again', ' unread messages'],
    de: ['Chat öffnen', 'Chat schließen', 'Der Chat konnte nicht geladen werden.', 'Erneut versuchen', ' ungelesene Nachrichten'],
  };
  const css = `
:host{display:block;position:relative;height:600px}
:host(:not([position=inline])){all:initial!important;position:fixed!important;inset:auto 20px 20px auto!important;width:0!important;height:0!important;z-index:var(--holdfast-layer,2147483000)!important}
:host([position=bottom-left]){inset:auto auto 20px 20px!important}
:host([hidden]){display:none!important}
.root{all:initial;display:block;height:100%;color-scheme:light;font:16px/1.45 var(--holdfast-font,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif)}
:host([position=inline]) .launcher{display:none}
.launcher{all:unset;box-sizing:border-box;position:absolute;bottom:0;right:0;display:grid;place-items:center;width:60px;height:60px;border-radius:50%;background:var(--holdfast-accent,#1f5fd6);color:var(--holdfast-on-accent,#fff);cursor:pointer;box-shadow:0 1px 2px #0003,0 8px 24px #00000038;transition:transform .16s,filter .16s;touch-action:manipulation;-webkit-tap-highlight-color:transparent}
:host([position=bottom-left]) .launcher{right:auto;left:0}
.launcher:hover{filter:brightness(1.08);transform:translateY(-1px)}
.launcher:active{filter:brightness(.94);transform:scale(.96)}
.launcher:focus-visible{outline:3px solid var(--holdfast-accent,#1f5fd6);outline-offset:3px}
.launcher svg{grid-area:1/1;width:28px;height:28px;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round;transition:opacity .16s,transform .16s}
.launcher svg+svg,[aria-expanded=true] svg{opacity:0;transform:rotate(-40deg) scale(.7)}
[aria-expanded=true] svg+svg{opacity:1;transform:none}
[aria-busy=true]::after{content:"";grid-area:1/1;width:48px;height:48px;border-radius:50%;border:2px solid;border-color:currentColor transparent transparent;animation:turn .8s linear infinite}
@keyframes turn{to{transform:rotate(1turn)}}
.badge{position:absolute;top:-4px;right:-4px;min-width:22px;height:22px;box-sizing:border-box;padding:0 6px;border:2px solid #fff;border-radius:11px;background:#c9252d;color:#fff;font-size:12px;font-weight:700;line-height:18px;text-align:center}
.badge span{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.failure{position:absolute;bottom:76px;right:0;box-sizing:border-box;width:min(320px,100vw - 40px);padding:16px;border-radius:14px;background:#fff;color:#1b2230;box-shadow:0 1px 2px #0002,0 12px 40px #0003}
:host([position=bottom-left]) .failure{right:auto;left:0}
:host([position=inline]) .failure{position:static}
.failure button{all:unset;display:block;margin-top:12px;padding:8px 14px;border-radius:10px;background:var(--holdfast-accent,#1f5fd6);color:var(--holdfast-on-accent,#fff);font-weight:600;cursor:pointer}
.failure button:focus-visible{outline:3px solid;outline-offset:2px}
[hidden]{display:none!important}
@media(max-width:480px){[aria-expanded=true].launcher{display:none}}
@media(prefers-reduced-motion:reduce){.launcher,.launcher svg{transition:none}[aria-busy=true]::after{animation-duration:4s}}
@media(forced-colors:active){.launcher,.badge,.failure{border:2px solid ButtonText}}`;
  let sheet;

  const make = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const name in attributes) node.setAttribute(name, attributes[name]);
    node.append(...children);
    return node;
  };
  const icon = (path) => {
    const space = 'http://www.w3.org/2000/svg';
    const node = document.createElementNS(space, 'svg');
    node.setAttribute('viewBox', '0 0 28 28');
    node.setAttribute('aria-hidden', 'true');
    node.append(document.createElementNS(space, 'path'));
    node.firstChild.setAttribute('d', path);
    return node;
  };
  const isStored = () => {
    try {
      return Object.keys(sessionStorage).some((key) => key.startsWith('holdfast:'));
    } catch {
      return false;
    }
  };

  let loading;
  let attempts = 0;
  const load = () =>
    (loading ??= HoldfastChat.load(attempts++)
      .then((wasm) => wasm.default().then(() => wasm))
      .catch((error) => {
        loading = undefined;
        throw error;
      }));

  class HoldfastChat extends HTMLElement {
    static observedAttributes = ['open'];

    /** Fetches the panel's module; `attempt` counts from 0, because a browser may remember that a file failed. */
    static load = (attempt) =>
      import(/* @vite-ignore */ /* webpackIgnore: true */ new URL('wasm/holdfast_chat.js' + (attempt ? '?' + attempt : ''), script?.src ?? document.baseURI).href);

    #root;
    #launcher;
    #badge;
    #failure;
    #starting;
    #handle;
    #visitor;
    #state = 'idle';
    #isOpen = false;
    #isWanted = false;

    get state() { return this.#state; }
    get visitor() { return this.#visitor; }
    set visitor(visitor) {
      this.#visitor = visitor;
      this.#handle?.set_visitor(visitor);
    }

    open() {
      if (!this.#root) return void this.setAttribute('open', '');
      this.#isWanted ||= !this.#isOpen && this.#tell('open-request');
      this.#reflect();
      if (this.#isWanted) this.#start().then((handle) => this.#isWanted && handle?.open());
    }

    close() {
      this.#isWanted = false;
      this.#failure?.remove();
      this.#handle?.shut();
      if (this.#root) this.#reflect();
      else this.removeAttribute('open');
    }

    send(text) { this.#start().then((handle) => handle?.send(String(text))); }

    end() { if (this.#tell('end-request')) this.#handle?.end(); }

    connectedCallback() {
      if (this.#root) return; // Moved: everything is still there.
      if (Object.hasOwn(this, 'visitor')) {
        this.#visitor = this.visitor;
        delete this.visitor;
      }
      const shadow = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
      if (!sheet) (sheet = new CSSStyleSheet()).replaceSync(css);
      shadow.adoptedStyleSheets = [sheet];

      const lang = this.#lang();
      this.#badge = make('span', { class: 'badge', part: 'badge', id: 'unread', hidden: '' });
      this.#launcher = make('button', { class: 'launcher', part: 'launcher', type: 'button', 'aria-controls': 'panel', 'aria-describedby': 'unread' },
        icon('M5 8.2A2.7 2.7 0 0 1 7.7 5.5h12.6A2.7 2.7 0 0 1 23 8.2v8.1a2.7 2.7 0 0 1-2.7 2.7h-7L8.4 23v-4h-.7A2.7 2.7 0 0 1 5 16.3z'),
        icon('m7.5 11.5 6.5 6.5 6.5-6.5'), this.#badge);
      this.#launcher.onclick = () => (this.#isOpen ? this.close() : this.open());
      this.#launcher.onpointerenter = this.#launcher.onfocus = () => load().catch(() => {});
      this.#root = make('div', { class: 'root', part: 'root', lang, dir: getComputedStyle(this).direction }, this.#launcher);
      shadow.replaceChildren(this.#root);
      this.#reflect();

      // What the visitor had open or shut before is theirs to decide, whatever the attribute says.
      if (isStored()) this.#start();
      else if (this.hasAttribute('open')) this.open();
    }

    disconnectedCallback() {
      // A move takes it out and puts it in again within one task.
      queueMicrotask(() => {
        if (this.isConnected) return;
        this.#handle?.free();
        this.#root?.remove();
        this.#root = this.#handle = this.#starting = undefined;
        this.#isOpen = this.#isWanted = false;
      });
    }

    attributeChangedCallback() {
      const isAsked = this.hasAttribute('open');
      if (this.#root && isAsked != (this.#isOpen || this.#isWanted)) isAsked ? this.open() : this.close();
    }

    #lang() {
      return this.closest('[lang]')?.lang || navigator.language || 'en';
    }

    #words() { return words[this.#root.lang.slice(0, 2)] ?? words.en; }

    #start() {
      const root = this.#root;
      if (!root) return Promise.resolve();
      return (this.#starting ??= (async () => {
        this.#failure?.remove();
        this.#launcher.setAttribute('aria-busy', true);
        try {
          const wasm = await load();
          if (root != this.#root) return;
          const options = { visitor: this.#visitor, languages: navigator.languages };
          for (const { name, value } of this.attributes) options[name] = value;
          options.lang = root.lang;
          const handle = await wasm.mount(root, options, (kind, detail) => this.#hear(kind, detail));
          if (root != this.#root) return void handle.free();
          return (this.#handle = handle);
        } catch (error) {
          if (root != this.#root) return;
          this.#starting = undefined;
          if (this.#isWanted) this.#fail();
          this.#isWanted = false;
          this.#tell('error', { message: String(error) });
        } finally {
          this.#launcher.removeAttribute('aria-busy');
          this.#reflect();
        }
      })());
    }

    #fail() {
      const [, , sentence, retry] = this.#words();
      const button = make('button', { type: 'button' }, retry);
      button.onclick = () => this.open();
      this.#failure = make('div', { class: 'failure', part: 'failure', role: 'alert' }, sentence, button);
      this.#root.append(this.#failure);
    }

    /** Hears what the panel reports. `false` means that the page objects. */
    #hear(kind, detail) {
      if (kind == 'state') this.#state = detail;
      else if (kind == 'unread') {
        this.#badge.replaceChildren(...(detail ? [detail > 99 ? '99+' : detail, make('span', {}, this.#words()[4])] : []));
        this.#badge.hidden = !detail;
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
      return this.dispatchEvent(new CustomEvent('holdfast-' + kind, { bubbles: true, composed: true, cancelable: kind.endsWith('-request'), detail }));
    }

    #reflect() {
      const isOpen = this.#isOpen;
      if (!this.#root) return;
      this.#launcher.setAttribute('aria-expanded', isOpen);
      this.#launcher.setAttribute('aria-label', this.#words()[+isOpen]);
      this.toggleAttribute('open', isOpen || this.#isWanted);
    }
  }

  customElements.define('holdfast-chat', HoldfastChat);

  if (script?.dataset.protocol) {
    const add = () => {
      const chat = make('holdfast-chat', {});
      for (const { name, value } of script.attributes) if (name.startsWith('data-')) chat.setAttribute(name.slice(5), value);
      document.body.append(chat);
    };
    if (document.readyState == 'loading') addEventListener('DOMContentLoaded', add);
    else add();
  }
})();
