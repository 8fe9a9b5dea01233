/** Backends that can be spoken to. */
export type Protocol = 'live-agent' | 'genesys' | 'liveperson' | 'superoffice' | 'matrix';

/** Where a conversation stands. */
export type State = 'idle' | 'form' | 'opening' | 'queued' | 'talking' | 'closing' | 'ended';

/** Why a conversation is over. */
export type EndReason =
  | 'visitor' | 'agent' | 'idle' | 'unavailable' | 'message-left' | 'blocked' | 'expired' | 'elsewhere' | 'connection-lost'
  | 'encrypted' | 'failed' | 'unknown';

/** One detail about the visitor, handed over before the conversation. */
export interface VisitorDetail {
  label: string;
  value?: string;
  /** Whether the agent sees it; `true` by default. */
  displayToAgent?: boolean;
  transcriptFields?: string[];
  entityMaps?: unknown[];
}

/** What the page tells about its visitor. Everything is optional. */
export interface Visitor {
  name?: string;
  email?: string;
  details?: VisitorDetail[];
  entities?: unknown[];
}

/** Who the visitor is to a Matrix homeserver: by a JWT that it takes, or with what the site got from it. */
export type Credentials =
  | { token: string }
  | { user_id: string; device_id?: string; access_token: string; room_id?: string };

/** Asked for credentials; `again` where those before are not valid any more. */
export type CredentialsSource = (again: boolean) => Credentials | Promise<Credentials>;

/** The element's attributes, by their camelCase names. */
export interface Options {
  protocol: Protocol;
  /** Origin, and path prefix, of the backend or gateway. LivePerson finds it by itself where it is missing. */
  endpoint?: string;
  /** Live Agent. */
  organizationId?: string;
  deploymentId?: string;
  buttonId?: string;
  agentId?: string;
  /** Targets separated by commas, in place of button and agent. */
  buttonOverrides?: string;
  apiVersion?: string;
  /** Genesys. */
  variant?: 'web-api' | 'gms';
  tenant?: string;
  service?: string;
  uploads?: 'on' | 'off';
  /** LivePerson. */
  accountId?: string;
  appKey?: string;
  skill?: string;
  language?: string;
  /** Seconds. */
  interactionTimeout?: string;
  transcript?: 'on' | 'off';
  /** Hosts separated by commas. */
  transferHosts?: string;
  /** SuperOffice: the channel. */
  topicId?: string;
  /** Matrix. */
  identity?: 'register' | 'site-token' | 'guest';
  /** User ids separated by blanks or commas. */
  support?: string;
  registrationToken?: string;
  room?: string;
  roomVersion?: string;
  /** Who the visitor is, with `identity: 'site-token'`. */
  credentials?: CredentialsSource;
  /** Look. */
  lang?: string;
  theme?: 'auto' | 'light' | 'dark';
  position?: 'bottom-right' | 'bottom-left' | 'inline';
  heading?: string;
  open?: boolean;
  visitor?: Visitor;
}

/** The element `<holdfast-chat>`. */
export interface HoldfastChatElement extends HTMLElement {
  /** Where the conversation stands. */
  readonly state: State;
  visitor: Visitor | undefined;
  /** Who the visitor is, where the site says so. */
  credentials?: CredentialsSource;
  /** Opens the panel, which starts the conversation. The page can object at `holdfast-open-request`. */
  open(): void;
  /** Closes the panel; the conversation goes on behind the launcher. */
  close(): void;
  /** Accepts a message for delivery. */
  send(text: string): void;
  /**
   * Hands an event to the agent's page, where there is a conversation. Genesys GMS shows the agent an `http` or `https`
   * address as the event `pushUrl`. What a backend has no way to tell is given up with a `holdfast-error`.
   */
  notify(type: string, data?: string): void;
  /** Ends the conversation. The page can object at `holdfast-end-request`. */
  end(): void;
}

/** The element's events. All bubble and cross shadow roots; those named `-request` can be cancelled. */
export interface HoldfastEventMap {
  'holdfast-open-request': CustomEvent<undefined>;
  'holdfast-end-request': CustomEvent<undefined>;
  'holdfast-opened': CustomEvent<undefined>;
  'holdfast-closed': CustomEvent<undefined>;
  'holdfast-session-started': CustomEvent<undefined>;
  'holdfast-agent-joined': CustomEvent<{ name?: string }>;
  'holdfast-message-sent': CustomEvent<{ id: number; text: string }>;
  'holdfast-message-received': CustomEvent<{ id: number; name?: string; text: string }>;
  'holdfast-connection-changed': CustomEvent<{ connection: 'steady' | 'resuming' | 'retrying' | 'offline' }>;
  'holdfast-session-ended': CustomEvent<{ reason: EndReason }>;
  /** An event from the agent's page. */
  'holdfast-custom': CustomEvent<{ type: string; data: string }>;
  'holdfast-error': CustomEvent<{ message: string }>;
}

/** Adds a chat to `parent`, and returns it. Remove the element to undo everything. */
export function mount(parent: ParentNode, options: Options): HoldfastChatElement;

declare global {
  interface HTMLElementTagNameMap {
    'holdfast-chat': HoldfastChatElement;
  }
  interface HTMLElementEventMap extends HoldfastEventMap {}
}
