/**
 * The browser client of Roomcast: one WebSocket, reconnected when it breaks, with nothing lost or
 * doubled in between. An ES module without dependencies, protocol version 1; in Node 20 and later
 * it wants `{ url, WebSocket }`.
 *
 *   const chat = new Roomcast({ name: 'Ann' });
 *   chat.on('message', frame => console.log(frame.user.name, frame.text));
 *   chat.connect();
 *   await chat.join('general');
 *   await chat.send('general', 'Hello');
 *
 * Every frame of the server is an event of its type. Two events are the client's own: `state`
 * (`connecting`, `online`, `offline`, `closed`) and `close` with the code. Frames in
 * `joined.history` count as handled and come in that event only: with `recovered` true they are
 * what was missed, otherwise they replace what was there before. What is said in a conversation
 * comes without joining it too; only joined ones are recovered after a reconnect.
 */
export class Roomcast {
  #options;
  #state = 'closed';
  #socket = null;
  #listeners = new Map();
  #rooms = new Map(); // name -> { position, history, live, claiming, waiting }
  #outbox = []; // what has no ack yet: { frame, resolve, reject, busy, tries, sentAt }
  #asked = new Map(); // id -> { resolve, reject, timer }
  #retries = new Set(); // timers of what is asked again on this connection
  #nextId = 1;
  #mine = new Set(); // the ids that this user had: a guest gets a new one with a new session
  #resume = null; // { secret, ttl } of the last welcome
  #onlineAt = 0;
  #lostAt = 0;
  #lastHeard = 0;
  #pingedAt = 0;
  #attempt = 0;
  #pause = null; // when to come back, if the server said it
  #timer = null; // until the next attempt, or the patience with this one
  #beat = null;
  #turn = 0;
  #page = null; // ends the listening to the page

  /**
   * @param options `name`, or `token` (a string, or a function that returns or promises a fresh
   *     one for each connection and before one expires); `url` (`/chat` on this page's server), `WebSocket`, `timeout` ms
   *     for an answer (15,000), `maxUnsent` messages kept (1,000), `maxDelay` ms between attempts
   */
  constructor(options = {}) {
    this.#options = { timeout: 15_000, maxUnsent: 1_000, maxDelay: 20_000, ...options };
  }

  get state() {
    return this.#state;
  }

  get rooms() {
    return [...this.#rooms.keys()];
  }

  /** Calls the listener for every event of a type; returns a function that ends this. */
  on(type, listener) {
    if (!this.#listeners.has(type)) this.#listeners.set(type, new Set());
    this.#listeners.get(type).add(listener);
    return () => this.#listeners.get(type).delete(listener);
  }

  /**
   * Returns the events of these types from now on, for `for await`; ends when the client is closed.
   * A reader that is 10,000 events behind gets an error instead.
   */
  events(...types) {
    const queue = [];
    const readers = [];
    let end = null; // { error } or {}
    const next = () => {
      if (queue.length) return Promise.resolve({ value: queue.shift(), done: false });
      if (end?.error) return Promise.reject(end.error);
      if (end) return Promise.resolve({ value: undefined, done: true });
      return new Promise((resolve, reject) => readers.push({ resolve, reject }));
    };
    const finish = error => {
      if (end) return;
      end = { error };
      offs.forEach(off => off());
      readers.splice(0).forEach(reader => next().then(reader.resolve, reader.reject));
    };
    const take = value => {
      if (readers.length) return readers.shift().resolve({ value, done: false });
      if (queue.push(value) > MAX_BEHIND) finish(new RoomcastError('too_slow', 'events not read'));
    };
    const offs = types.map(type => this.on(type, take));
    offs.push(this.on('state', state => state === 'closed' && finish()));
    const stop = () => {
      finish();
      queue.length = 0;
      return Promise.resolve({ value: undefined, done: true });
    };
    return { next, return: stop, [Symbol.asyncIterator]() { return this; } };
  }

  /** Connects, and stays connected until `close`; while it waits, tries again at once. */
  connect() {
    if (this.#state !== 'closed') return this.#wake();
    this.#watchPage();
    this.#open();
  }

  /** Says goodbye: others see this user leave at once. What waits to be sent is rejected. */
  close() {
    if (this.#state === 'closed') return;
    const socket = this.#socket;
    this.#release();
    socket?.close(1000);
    this.#end(new RoomcastError('closed', 'the client was closed'));
  }

  /** Joins a room, now and after every reconnect; resolves with the `joined` frame. */
  join(name, { history = 50 } = {}) {
    let room = this.#rooms.get(name);
    if (!room) {
      room = { position: null, history, live: false, claiming: false, waiting: [] };
      this.#rooms.set(name, room);
    }
    return new Promise((resolve, reject) => {
      room.waiting.push({ resolve, reject });
      if (!room.claiming) this.#claim(name, room);
    });
  }

  /** Leaves a room; resolves when no more of it will come. */
  async leave(name) {
    const room = this.#rooms.get(name);
    this.#rooms.delete(name);
    room?.waiting.forEach(({ reject }) => reject(new RoomcastError('left', 'the room was left')));
    if (this.#state === 'online') await this.#ask({ type: 'leave', room: name });
  }

  /**
   * Sends a message; resolves with the `ack`, also when that takes a reconnect. The messages of a
   * room go one after the other, so that they keep their order whatever has to be sent again.
   */
  send(room, text, { kind, replyTo, data, key = newKey() } = {}) {
    return this.#put({ type: 'message', room, text, kind, replyTo, data, key });
  }

  /** Sends an event; one that is ephemeral is lost when there is no connection. */
  event(room, name, data, { ephemeral = false, key = newKey() } = {}) {
    const frame = { type: 'event', room, name, data };
    return ephemeral ? this.#ask({ ...frame, ephemeral }) : this.#put({ ...frame, key });
  }

  /**
   * Says something to one user, who need not be connected; the `ack` has the `room` of the
   * conversation, and so has the name that `conversationOf` gives.
   */
  direct(to, text, { data, key = newKey() } = {}) {
    return this.#put({ type: 'direct', to, text, data, key });
  }

  /** Changes an own message; like the next two it goes out again after a reconnect. */
  edit(room, target, text) {
    return this.#put({ type: 'edit', room, target, text });
  }

  /** Takes a message back. */
  delete(room, target) {
    return this.#put({ type: 'delete', room, target });
  }

  /** Reacts to a message with an emoji, or no more. */
  react(room, target, emoji, on = true) {
    return this.#put({ type: 'react', room, target, emoji, on });
  }

  /** Says up to which offset the user has read; without a connection nothing is said. */
  read(room, offset) {
    if (this.#state === 'online') this.#write({ type: 'read', room, offset });
  }

  typing(room, active) {
    if (this.#state === 'online' && this.#rooms.get(room)?.live) {
      this.#write({ type: 'typing', room, active });
    }
  }

  history(room, range = {}) {
    return this.#ask({ ...range, type: 'history', room });
  }

  members(room, range = {}) {
    return this.#ask({ ...range, type: 'members', room });
  }

  listRooms(range = {}) {
    return this.#ask({ ...range, type: 'rooms' });
  }

  /** The user's conversations, the one with the newest frame first. */
  conversations(range = {}) {
    return this.#ask({ ...range, type: 'conversations' });
  }

  /** Refuses what a user sends, or no more. */
  block(user, on = true) {
    return this.#ask({ type: on ? 'block' : 'unblock', user });
  }

  /** Makes a room that is this user's own; `settings` are `private`, `title`, `slow`. */
  create(room, settings = {}) {
    return this.#ask({ ...settings, type: 'create', room });
  }

  configure(room, settings) {
    return this.#ask({ ...settings, type: 'configure', room });
  }

  destroy(room) {
    return this.#ask({ type: 'destroy', room });
  }

  invite(room, user, on = true) {
    return this.#ask({ type: on ? 'invite' : 'uninvite', room, user });
  }

  /** Makes a user a moderator of the room, or no more. */
  appoint(room, user, on = true) {
    return this.#ask({ type: on ? 'appoint' : 'dismiss', room, user });
  }

  kick(room, user, reason) {
    return this.#ask({ type: 'kick', room, user, reason });
  }

  /** Without `seconds` for ever. */
  mute(room, user, { seconds, reason } = {}) {
    return this.#ask({ type: 'mute', room, user, seconds, reason });
  }

  unmute(room, user) {
    return this.#ask({ type: 'unmute', room, user });
  }

  /** Without `seconds` for ever. */
  ban(room, user, { seconds, reason } = {}) {
    return this.#ask({ type: 'ban', room, user, seconds, reason });
  }

  unban(room, user) {
    return this.#ask({ type: 'unban', room, user });
  }

  #open() {
    this.#setState('connecting');
    const { token } = this.#options;
    const turn = ++this.#turn;
    if (typeof token !== 'function') return this.#dial(token);
    Promise.resolve().then(token).then(
      fresh => turn === this.#turn && this.#dial(fresh),
      () => turn === this.#turn && this.#lost(1006));
  }

  #dial(token) {
    const { url = '/chat', name, timeout, WebSocket: Socket = globalThis.WebSocket } = this.#options;
    const address = new URL(url, globalThis.location?.href);
    address.protocol = address.protocol.replace('http', 'ws');
    const protocols = ['roomcast.v1.json'];
    if (name) address.searchParams.set('name', name);
    // Addresses end up in logs; only what cannot be a subprotocol goes there.
    if (token && /^[\w.~!#$%&'*+^`|-]+$/.test(token)) protocols.push('bearer.' + token);
    else if (token) address.searchParams.set('token', token);
    if (this.#resume && Date.now() - this.#lostAt > this.#resume.ttl) this.#resume = null;
    if (this.#resume) address.searchParams.set('resume', this.#resume.secret);
    const socket = new Socket(address, protocols);
    this.#socket = socket;
    socket.onmessage = event => {
      if (this.#socket === socket) this.#receive(JSON.parse(event.data));
    };
    socket.onclose = event => {
      if (this.#socket === socket) this.#lost(event.code);
    };
    socket.onerror = () => {}; // the close that follows says all there is to know
    this.#timer = setTimeout(() => this.#drop(), timeout);
  }

  #receive(frame) {
    this.#lastHeard = Date.now();
    this.#pingedAt = 0;
    if (frame.type === 'welcome') this.#welcome(frame);
    else if (frame.type === 'joined' && !this.#joined(frame)) return;
    else if (frame.type === 'left' && frame.re === undefined) this.#rooms.delete(frame.room);
    else if (frame.type === 'gap') this.#moveTo(frame);
    else if (frame.type === 'closing') this.#pause = frame.reconnectAfter;
    else if (LOGGED.has(frame.type) && !this.#advance(frame)) return;
    this.#answer(frame);
    this.#emit(frame.type, frame);
    if (frame.type === 'welcome') this.#goOn(frame);
    else if (frame.type === 'joined' || frame.type === 'left') this.#flush();
  }

  #welcome(frame) {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#resume = { secret: frame.resume, ttl: frame.resumeTtl * 1000 };
    this.#mine.add(frame.user.id);
    this.#onlineAt = this.#lastHeard;
    const quiet = Math.max(1, frame.heartbeat) * 1000;
    this.#beat = setInterval(() => this.#look(quiet), quiet / 5);
    this.#setState('online');
    this.#renewBefore(frame.expires, this.#lastHeard - frame.time);
  }

  /** Gives a fresh token in time; without one the server closes with 4001, and we come back. */
  #renewBefore(expires, clockAhead) {
    const { token } = this.#options;
    if (!expires || typeof token !== 'function') return;
    const left = expires + clockAhead - Date.now();
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      Promise.resolve().then(token)
        .then(fresh => this.#ask({ type: 'auth', token: fresh }))
        .then(renewed => this.#renewBefore(renewed.expires, clockAhead))
        .catch(() => {});
    }, Math.min(Math.max(left - RENEW_BEFORE, left / 2), MAX_TIMER));
    this.#retries.add(timer);
  }

  /** Claims the rooms again, each from its position, and gives up those that were left meanwhile. */
  #goOn(welcome) {
    if (this.#state !== 'online') return;
    for (const name of welcome.rooms) {
      if (!this.#rooms.has(name)) this.#ask({ type: 'leave', room: name }).catch(() => {});
    }
    this.#rooms.forEach((room, name) => room.claiming || this.#claim(name, room));
    this.#flush();
  }

  #claim(name, room) {
    if (this.#state !== 'online') return;
    room.claiming = true;
    room.live = false;
    const frame = { type: 'join', room: name, history: room.history };
    if (room.position) frame.since = room.position;
    this.#ask(frame).catch(error => {
      if (this.#rooms.get(name) !== room || room.live || error.code === 'offline') return;
      if (AGAIN.has(error.code)) {
        room.tries = (room.tries ?? 0) + 1;
        const stillWanted = () => this.#rooms.get(name) === room && !room.live;
        return this.#later(room.tries, error, () => stillWanted() && this.#claim(name, room));
      }
      this.#rooms.delete(name);
      room.waiting.forEach(({ reject }) => reject(error));
      if (room.position) this.#emit('left', { type: 'left', room: name, reason: error.code });
      this.#flush();
    });
  }

  /** Whether the frame is about a room that we still want. */
  #joined(frame) {
    let room = this.#rooms.get(frame.room);
    if (!room && frame.re !== undefined) return false;
    if (!room) {
      room = { history: 50, waiting: [] };
      this.#rooms.set(frame.room, room);
    }
    if (frame.recovered && room.position) {
      // What came live while the claim was on its way is not missing any more.
      frame.history = frame.history.filter(missed => missed.offset > room.position.offset);
    }
    Object.assign(room, { position: position(frame), live: true, claiming: false, tries: 0 });
    frame.history.forEach(logged => this.#settleByKey(logged));
    room.waiting.splice(0).forEach(({ resolve }) => resolve(frame));
    return true;
  }

  /** Whether a logged frame is the next one of a room of ours; moves the position over it. */
  #advance(frame) {
    const at = this.#rooms.get(frame.room)?.position;
    if (!at && !frame.room?.startsWith(CONVERSATION)) return false;
    if (at && at.epoch === frame.epoch && frame.offset <= at.offset) return false;
    if (frame.offset) this.#moveTo(frame);
    this.#settleByKey(frame);
    return true;
  }

  #moveTo(frame) {
    const room = this.#rooms.get(frame.room);
    if (room) room.position = position(frame);
  }

  #put(frame) {
    if (this.#state === 'closed' && this.#turn > 0) {
      return Promise.reject(new RoomcastError('closed', 'the client is closed'));
    }
    if (this.#outbox.length >= this.#options.maxUnsent) {
      return Promise.reject(new RoomcastError('full', 'too many messages wait to be sent'));
    }
    return new Promise((resolve, reject) => {
      this.#outbox.push({ frame, resolve, reject, busy: false, tries: 0, sentAt: 0 });
      this.#flush();
    });
  }

  /** Sends the first entry of each room, unless it is on its way or the room is not joined yet. */
  #flush() {
    if (this.#state !== 'online') return;
    const seen = new Set();
    for (const entry of [...this.#outbox]) {
      const { room, to } = entry.frame;
      const line = room === undefined ? 'to ' + to : 'in ' + room;
      if (seen.has(line)) continue;
      seen.add(line);
      if (!entry.busy && (this.#rooms.get(room)?.live ?? true)) this.#sendEntry(entry);
    }
  }

  #sendEntry(entry) {
    entry.sentAt ||= Date.now();
    if (Date.now() - entry.sentAt > KEY_LIFE) {
      const unsure = new RoomcastError('timeout', 'it is not known whether this arrived');
      return this.#settle(entry, () => entry.reject(unsure));
    }
    entry.busy = true;
    this.#ask(entry.frame).then(
      ack => this.#settle(entry, () => entry.resolve(ack)),
      error => {
        if (error.code === 'offline') return; // it goes out again after the reconnect
        // In a slow room it may be long: then whoever said it decides.
        const isLong = error.code === 'rate_limited' && error.retryAfter > LONG_WAIT;
        if (isLong || !AGAIN.has(error.code)) return this.#settle(entry, () => entry.reject(error));
        this.#later(++entry.tries, error, () => {
          entry.busy = false;
          this.#flush();
        });
      });
  }

  /** An entry that is in the log needs no ack any more. */
  #settleByKey(frame) {
    if (!frame.key || !this.#mine.has(frame.user?.id)) return;
    const entry = this.#outbox.find(({ frame: sent }) => sent.key === frame.key
      && (sent.type === 'direct' ? sent.to === frame.to : sent.room === frame.room));
    const { room, offset, epoch, ts } = frame;
    if (entry) this.#settle(entry, () => entry.resolve({ type: 'ack', room, offset, epoch, ts }));
  }

  #settle(entry, tell) {
    const at = this.#outbox.indexOf(entry);
    if (at < 0) return;
    this.#outbox.splice(at, 1);
    tell();
    this.#flush();
  }

  /** Does it again when the server said, or after a pause that grows. */
  #later(tries, error, again) {
    const pause = Math.min(10_000, 500 * 2 ** Math.min(tries, 10)) * (0.5 + Math.random() / 2);
    const timer = setTimeout(() => {
      this.#retries.delete(timer);
      again();
    }, Math.max(error.retryAfter ?? 0, pause));
    this.#retries.add(timer);
  }

  #ask(frame) {
    if (this.#state !== 'online') {
      return Promise.reject(new RoomcastError('offline', 'not connected'));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#asked.delete(id);
        reject(new RoomcastError('timeout', 'no answer'));
      }, this.#options.timeout);
      this.#asked.set(id, { resolve, reject, timer });
      this.#write({ ...frame, id });
    });
  }

  #answer(frame) {
    const asked = this.#asked.get(frame.re);
    if (!asked) return;
    this.#asked.delete(frame.re);
    clearTimeout(asked.timer);
    if (frame.type !== 'error') asked.resolve(frame);
    else asked.reject(new RoomcastError(frame.code, frame.message, frame.retryAfter));
  }

  #write(frame) {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(frame));
  }

  /** Asks for a sign of life after a quiet time; without one in ten seconds the link is dead. */
  #look(quiet) {
    const now = Date.now();
    if (this.#pingedAt && now - this.#pingedAt >= PATIENCE) this.#drop();
    else if (!this.#pingedAt && now - this.#lastHeard >= quiet) this.#ping();
  }

  #ping() {
    this.#pingedAt = Date.now();
    this.#write({ type: 'ping' });
  }

  /** Something changed around us: tries at once, or finds out whether the link still works. */
  #wake() {
    if (this.#state === 'offline') {
      clearTimeout(this.#timer);
      this.#open();
    } else if (this.#state === 'online' && !this.#pingedAt) {
      this.#ping();
      const socket = this.#socket;
      const timer = setTimeout(() => {
        this.#retries.delete(timer);
        if (this.#pingedAt && this.#socket === socket) this.#drop();
      }, PATIENCE / 2);
      this.#retries.add(timer);
    }
  }

  /** The link is dead though nobody told us: goes on without waiting for its end. */
  #drop() {
    const socket = this.#socket;
    this.#lost(4008);
    socket?.close(4008);
  }

  #lost(code) {
    const { maxDelay } = this.#options;
    const lived = this.#onlineAt ? Date.now() - this.#onlineAt : 0;
    if (this.#onlineAt) this.#lostAt = Date.now();
    this.#release();
    if (FINAL.has(code)) {
      this.#end(new RoomcastError('closed', 'the server closed the connection: ' + code));
    } else {
      if (lived > STABLE) this.#attempt = 0;
      const most = Math.min(maxDelay, 500 * 2 ** Math.min(this.#attempt++, 10));
      this.#timer = setTimeout(() => this.#open(), this.#pause ?? 100 + Math.random() * most);
      this.#pause = null;
      this.#setState('offline');
    }
    this.#emit('close', { type: 'close', code });
  }

  /** Lets go of the connection: nothing is on its way any more. */
  #release() {
    this.#socket = null;
    this.#turn++;
    this.#onlineAt = 0;
    this.#pingedAt = 0;
    clearTimeout(this.#timer);
    clearInterval(this.#beat);
    this.#retries.forEach(timer => clearTimeout(timer));
    this.#retries.clear();
    this.#rooms.forEach(room => Object.assign(room, { live: false, claiming: false }));
    this.#outbox.forEach(entry => (entry.busy = false));
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    for (const { reject, timer } of asked) {
      clearTimeout(timer);
      reject(new RoomcastError('offline', 'the connection was lost'));
    }
  }

  #end(error) {
    this.#resume = null;
    this.#attempt = 0;
    this.#pause = null;
    this.#page?.abort();
    this.#setState('closed');
    this.#outbox.splice(0).forEach(({ reject }) => reject(error));
    this.#rooms.forEach(room => room.waiting.splice(0).forEach(({ reject }) => reject(error)));
  }

  #watchPage() {
    this.#page = new AbortController();
    const { signal } = this.#page;
    globalThis.addEventListener?.('online', () => this.#wake(), { signal });
    globalThis.addEventListener?.('pageshow', () => this.#wake(), { signal });
    const { document } = globalThis;
    document?.addEventListener('visibilitychange', () => document.hidden || this.#wake(), { signal });
  }

  #setState(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#emit('state', state);
  }

  #emit(type, value) {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) {
      try {
        listener(value);
      } catch (error) {
        queueMicrotask(() => { throw error; }); // its own fault; the client goes on
      }
    }
  }
}

/**
 * What a promise is rejected with: `code` as in the protocol, or `offline`, `closed`, `timeout`,
 * `full`, `left`, `too_slow`.
 */
export class RoomcastError extends Error {
  constructor(code, message, retryAfter) {
    super(message);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** The name of the room in which two users, or one alone, have their conversation. */
export function conversationOf(user, other) {
  const [first, second] = [user, other].map(id => new TextEncoder().encode(id));
  const at = first.findIndex((byte, i) => byte !== second[i]);
  const ordered = at < 0 ? first.length <= second.length : first[at] < (second[at] ?? -1);
  const ids = ordered ? [user, other] : [other, user];
  return CONVERSATION + ids.map(id => id.replace(/%/g, '%25').replace(/:/g, '%3A')).join(':');
}

const CONVERSATION = 'dm:';
const LOGGED = new Set(['message', 'event', 'edit', 'delete', 'react', 'direct']);
const FINAL = new Set([1003, 1007, 1008, 1009, 4003, 4009]); // reconnecting makes no sense
const AGAIN = new Set(['rate_limited', 'unavailable', 'timeout']); // worth another try
const KEY_LIFE = 9 * 60_000; // the server knows a key for ten minutes
const LONG_WAIT = 15_000; // for a refused message to be sent again
const PATIENCE = 10_000; // for a sign of life, after the quiet time of welcome: 35 s in all
const STABLE = 10_000; // a connection that lived so long was a good one
const MAX_BEHIND = 10_000;
const RENEW_BEFORE = 60_000; // or half the time that is left, if that is later
const MAX_TIMER = 2 ** 31 - 1;

function position({ offset, epoch }) {
  return { offset, epoch };
}

/** Not `randomUUID`, which pages have only over https. */
function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('');
}
