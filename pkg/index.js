// The npm entrance: registers <holdfast-chat> in a browser, does nothing on a server.
import './holdfast.js';

const Chat = globalThis.customElements?.get('holdfast-chat');
// Said here, where bundlers see it; the script tag finds the file by its own address.
if (Chat) Chat.load = () => import('./wasm/holdfast_chat.js');

/** Adds a chat to `parent`. Options are the element's attributes in kebab-case or camelCase, `visitor` and `credentials`. */
export function mount(parent, { visitor, credentials, ...options } = {}) {
  const chat = document.createElement('holdfast-chat');
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null || value === false) continue;
    chat.setAttribute(name.replace(/[A-Z]/g, (letter) => '-' + letter.toLowerCase()), value === true ? '' : value);
  }
  if (visitor) chat.visitor = visitor;
  if (credentials) chat.credentials = credentials;
  parent.append(chat);
  return chat;
}
