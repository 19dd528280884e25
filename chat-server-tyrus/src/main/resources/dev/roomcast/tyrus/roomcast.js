/**
 * The browser client of Roomcast: one WebSocket, reconnected when it breaks, with nothing lost or
 * doubled in between. An ES module without dependencies; protocol version 1.
 *
 *   const chat = new Roomcast({ name: 'Ann' });
 *   chat.on('message', frame => console.log(frame.user.name, frame.text));
 *   chat.connect();
 *   await chat.join('general');
 *   await chat.send('general', 'Hello');
 *
 * Every frame of the server is an event of its type; `state` tells `connecting`, `online`, `offline`
 * or `closed`. Positions are kept per room: after a reconnect rooms are joined with them.
 */
export class Roomcast {
  #options;
  #socket = null;
  #timer = null;
  #heartbeat = null;
  #lastHeard = 0;
  #attempt = 0;
  #nextId = 1;
  #resume = null;
  #state = 'closed';
  #listeners = new Map();
  #waiting = new Map(); // id -> { resolve, reject, frame }
  #rooms = new Map(); // room -> position, or null before the first "joined"
  #unsent = []; // messages without an ack: sent again, with their keys, after a reconnect

  /**
   * @param options `name` or `token`; `url` (default: this page's server), `WebSocket`, `timeout`
   *     ms for an answer (15,000), `maxUnsent` messages kept while offline (100)
   */
  constructor(options = {}) {
    this.#options = { timeout: 15_000, maxUnsent: 100, maxDelay: 20_000, ...options };
    if (globalThis.addEventListener) {
      globalThis.addEventListener('online', () => this.#hurry());
    }
  }

  get state() {
    return this.#state;
  }

  get rooms() {
    return [...this.#rooms.keys()];
  }

  on(type, listener) {
    if (!this.#listeners.has(type)) this.#listeners.set(type, new Set());
    this.#listeners.get(type).add(listener);
    return () => this.#listeners.get(type).delete(listener);
  }

  connect() {
    if (this.#socket || this.#timer) return;
    this.#open();
  }

  close() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const socket = this.#socket;
    this.#socket = null;
    if (socket) socket.close(1000);
    this.#stop('closed');
    this.#resume = null;
  }

  /** Joins a room, now and after every reconnect; resolves with the `joined` frame. */
  async join(room, { history = 50 } = {}) {
    const known = this.#rooms.get(room);
    if (!this.#rooms.has(room)) this.#rooms.set(room, null);
    try {
      return await this.#ask(
        known ? { type: 'join', room, since: known, history } : { type: 'join', room, history });
    } catch (error) {
      if (error.code && error.code !== 'offline') this.#rooms.delete(room);
      throw error;
    }
  }

  leave(room) {
    this.#rooms.delete(room);
    return this.#ask({ type: 'leave', room });
  }

  /** Sends a message; resolves with the `ack`, also when that takes a reconnect. */
  send(room, text, { kind, replyTo, data, key = crypto.randomUUID() } = {}) {
    const frame = { type: 'message', room, text, key };
    if (kind) frame.kind = kind;
    if (replyTo) frame.replyTo = replyTo;
    if (data !== undefined) frame.data = data;
    if (this.#unsent.length >= this.#options.maxUnsent) {
      return Promise.reject(new RoomcastError('offline', 'too many messages wait to be sent'));
    }
    return new Promise((resolve, reject) => {
      const entry = { frame, resolve, reject };
      this.#unsent.push(entry);
      if (this.#state === 'online') this.#sendEntry(entry);
    });
  }

  event(room, name, data, { ephemeral = false } = {}) {
    return this.#ask({ type: 'event', room, name, data, ephemeral });
  }

  typing(room, active) {
    if (this.#state === 'online') this.#write({ type: 'typing', room, active });
  }

  history(room, range = {}) {
    return this.#ask({ type: 'history', room, ...range });
  }

  members(room, range = {}) {
    return this.#ask({ type: 'members', room, ...range });
  }

  listRooms(range = {}) {
    return this.#ask({ type: 'rooms', ...range });
  }

  #open() {
    this.#setState('connecting');
    const url = new URL(this.#options.url ?? '/chat', globalThis.location?.href);
    url.protocol = url.protocol.replace('http', 'ws');
    if (this.#options.name) url.searchParams.set('name', this.#options.name);
    if (this.#options.token) url.searchParams.set('token', this.#options.token);
    if (this.#resume) url.searchParams.set('resume', this.#resume);
    const Socket = this.#options.WebSocket ?? WebSocket;
    const socket = new Socket(url, 'roomcast.v1.json');
    this.#socket = socket;
    socket.onmessage = event => {
      if (this.#socket === socket) this.#receive(event.data);
    };
    socket.onclose = event => {
      if (this.#socket === socket) this.#closed(event.code);
    };
  }

  #receive(text) {
    this.#lastHeard = Date.now();
    const frame = JSON.parse(text);
    if (frame.type === 'welcome') this.#welcome(frame);
    if (frame.type === 'joined') this.#joined(frame);
    if (frame.type === 'left') this.#rooms.delete(frame.room);
    if (frame.type === 'gap') this.#rooms.set(frame.room, position(frame));
    if (frame.type === 'closing') this.#options.delayOnce = frame.reconnectAfter;
    if (frame.offset && frame.epoch && isLogged(frame) && !this.#advance(frame)) return;
    this.#settle(frame);
    this.#emit(frame.type, frame);
  }

  #welcome(frame) {
    this.#attempt = 0;
    this.#resume = frame.resume;
    for (const [room, since] of this.#rooms) {
      this.#ask(since ? { type: 'join', room, since } : { type: 'join', room }, true).catch(
        error => this.#emit('error', { type: 'error', room, ...error }));
    }
    this.#setState('online');
    this.#unsent.forEach(entry => this.#sendEntry(entry));
    const every = Math.max(1, frame.heartbeat) * 1000;
    clearInterval(this.#heartbeat);
    this.#heartbeat = setInterval(() => {
      const quiet = Date.now() - this.#lastHeard;
      if (quiet > every * 2.5) this.#socket?.close(4008);
      else if (quiet > every * 0.9) this.#write({ type: 'ping' });
    }, every / 2);
  }

  #joined(frame) {
    this.#rooms.set(frame.room, position(frame));
  }

  /** Whether a logged frame is the next one; moves the room's position over it. */
  #advance(frame) {
    const at = this.#rooms.get(frame.room);
    if (at && at.epoch === frame.epoch && frame.offset <= at.offset) return false;
    if (this.#rooms.has(frame.room)) this.#rooms.set(frame.room, position(frame));
    return true;
  }

  #settle(frame) {
    if (frame.re === undefined) return;
    const waiting = this.#waiting.get(frame.re);
    if (!waiting) return;
    this.#waiting.delete(frame.re);
    clearTimeout(waiting.timer);
    if (frame.type === 'error') waiting.reject(new RoomcastError(frame.code, frame.message));
    else waiting.resolve(frame);
  }

  #sendEntry(entry) {
    this.#ask(entry.frame).then(
      ack => {
        this.#forget(entry);
        entry.resolve(ack);
      },
      error => {
        if (error.code === 'offline') return; // it goes out again after the reconnect
        this.#forget(entry);
        entry.reject(error);
      });
  }

  #forget(entry) {
    this.#unsent = this.#unsent.filter(other => other !== entry);
  }

  #ask(frame, early = false) {
    if (!early && this.#state !== 'online') {
      return Promise.reject(new RoomcastError('offline', 'not connected'));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new RoomcastError('timeout', 'no answer'));
      }, this.#options.timeout);
      this.#waiting.set(id, { resolve, reject, timer });
      this.#write({ ...frame, id });
    });
  }

  #write(frame) {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(frame));
  }

  #closed(code) {
    this.#socket = null;
    const final = [1003, 1007, 1008, 1009, 4003, 4009].includes(code);
    this.#stop(final ? 'closed' : 'offline');
    this.#emit('close', { type: 'close', code });
    if (final) return;
    const most = Math.min(this.#options.maxDelay, 500 * 2 ** this.#attempt++);
    const delay = this.#options.delayOnce ?? 100 + Math.random() * most;
    this.#options.delayOnce = undefined;
    this.#timer = setTimeout(() => this.#hurry(), delay);
  }

  #hurry() {
    if (!this.#timer) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#open();
  }

  #stop(state) {
    clearInterval(this.#heartbeat);
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(new RoomcastError('offline', 'the connection was lost'));
    }
    this.#waiting.clear();
    this.#setState(state);
  }

  #setState(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#emit('state', state);
  }

  #emit(type, value) {
    for (const listener of this.#listeners.get(type) ?? []) listener(value);
  }
}

/** What a promise is rejected with: `code` as in the protocol, or `offline`, `timeout`. */
export class RoomcastError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

function position(frame) {
  return { offset: frame.offset, epoch: frame.epoch };
}

function isLogged(frame) {
  return ['message', 'event', 'edit', 'delete', 'react'].includes(frame.type);
}
