/** The page: brings what the server says to the rooms and what the user does to the server. */
import { Roomcast } from '/roomcast.js';
import { Composer } from './composer.js';
import { $, bdi, counted, isolated, remember, remembered, setText } from './dom.js';
import { LogView } from './log.js';
import { avatar } from './message.js';
import { HOME, Rooms } from './rooms.js';
import { Drawers, drawConnection, drawPeople, drawRooms, drawTyping, uptime } from './side.js';

const REFRESH_MS = 5_000;
const MAX_REMEMBERED = 50;

class Page {
  chat = null;
  room = null;
  #rooms = new Rooms();
  #me = null;
  #node = '';
  #log = new LogView({
    isMine: line => this.isMe(line.user),
    loadOlder: room => this.#loadOlder(room),
    sendAgain: message => this.#sendAgain(message),
    discard: message => this.#discard(message),
  });
  #composer = new Composer(this);
  #drawers = new Drawers([$('menu'), $('side')], [$('show-people'), $('people')]);
  #drawing = false;
  #startedAt = Infinity; // of the server that is up longest
  #roomCount = null;

  constructor() {
    this.#watch();
  }

  enter(name) {
    this.chat?.close();
    this.chat = new Roomcast({ name });
    this.#listen(this.chat);
    this.show(HOME);
    this.chat.connect();
  }

  isMe(user) {
    return this.#rooms.mine.has(user?.id);
  }

  typing(room, active) {
    this.chat.typing(room, active);
  }

  say(text, kind) {
    const message = { type: 'message', room: this.room.name, text, kind, user: this.#me, ts: Date.now() };
    message.key = Array.from(crypto.getRandomValues(new Uint32Array(4)), n => n.toString(36)).join('-');
    this.#send(message);
  }

  #send(message) {
    message.state = 'sending';
    const room = this.#rooms.get(message.room);
    room.pending.push(message);
    this.#log.toEnd();
    this.#changed();
    const { text, kind, key } = message;
    this.chat.send(message.room, text, { kind, key }).then(
      () => room.sent(message),
      error => Object.assign(message, { state: 'failed', problem: error.message }),
    ).then(() => this.#changed());
  }

  #sendAgain(message) {
    this.#discard(message);
    this.#send({ ...message, ts: Date.now() });
    this.#composer.focus();
  }

  #discard(message) {
    this.#rooms.get(message.room).drop(message);
    this.#changed();
  }

  /** A line that only this user sees. */
  note(text, { title, error = false } = {}) {
    this.room.add({ type: 'note', text, title, error });
    this.#log.toEnd();
    this.#changed();
  }

  /** Shows a room, and joins it when it is not joined yet. */
  show(name) {
    const room = this.#rooms.get(name);
    if (this.room && this.room !== room) this.room.newFrom = null;
    this.room = room;
    room.unread = 0;
    if (!room.joined && !room.joining && this.#me) this.#join(room);
    this.#composer.show(room);
    const wasOver = $('main').inert;
    this.#drawers.close(false);
    if (wasOver) $('scroll').focus();
    else this.#composer.focus();
    this.#changed();
  }

  async #join(room) {
    room.joining = true;
    try {
      await this.chat.join(room.name);
    } catch (error) {
      this.#rooms.forget(room.name);
      if (error.code === 'left' || error.code === 'closed') return;
      if (this.room === room && room.name !== HOME) this.show(HOME);
      this.note(`# ${room.name} cannot be joined: ${error.message}`, { error: true });
    } finally {
      room.joining = false;
      this.#changed();
    }
  }

  async leave() {
    const { room } = this;
    if (room.name === HOME) return this.note(`# ${HOME} is where everybody is: it is never left.`, { error: true });
    this.#gone(room);
    await this.chat.leave(room.name);
  }

  #gone(room) {
    room.left();
    this.#rooms.forget(room.name);
    this.#rememberRooms();
    if (this.room === room) this.show(HOME);
    this.#changed();
  }

  #listen(chat) {
    chat.on('state', state => {
      if (state !== 'online') this.#rooms.list.forEach(room => room.nobodyTypes());
      this.#changed();
    });
    chat.on('close', () => this.#me || chat !== this.chat || loginFailed());
    chat.on('welcome', frame => this.#welcome(frame));
    chat.on('joined', frame => {
      const room = this.#rooms.get(frame.room);
      room.take(frame).forEach(line => this.#seenOrUnread(room, line));
      this.#rememberRooms();
      this.#changed();
    });
    for (const type of ['message', 'event']) chat.on(type, frame => this.#logged(frame));
    chat.on('gap', frame => {
      this.#rooms.find(frame.room)?.gap(frame);
      this.#changed();
    });
    chat.on('left', frame => {
      const room = this.#rooms.find(frame.room);
      if (!room?.joined || frame.reason === 'left') return;
      this.#gone(room);
      this.note(`You are not in # ${frame.room} any more: ${frame.reason}.`, { error: true });
    });
    chat.on('presence', frame => {
      this.#rooms.find(frame.room)?.presence(frame);
      this.#changed();
    });
    chat.on('typing', ({ room, user, active }) => {
      if (!this.isMe(user)) this.#rooms.find(room)?.types(user, active, () => this.#changed());
      this.#changed();
    });
  }

  #welcome(frame) {
    const isFirst = !this.#me;
    this.#me = frame.user;
    this.#node = frame.node;
    this.#rooms.mine.add(frame.user.id);
    this.#composer.limit = frame.limits.textLength;
    if (isFirst) {
      loggedIn(frame.user);
      this.#join(this.#rooms.get(HOME));
      rememberedRooms().forEach(name => this.#join(this.#rooms.get(name)));
      this.#composer.show(this.room);
      this.#composer.focus();
    }
    this.#refresh();
    this.#changed();
  }

  #logged(frame) {
    const room = this.#rooms.get(frame.room);
    if (frame.user) room.types(frame.user, false);
    if (room.add(frame)) this.#seenOrUnread(room, frame);
    this.#changed();
  }

  #seenOrUnread(room, line) {
    const isSeen = room === this.room && !document.hidden;
    if (!isSeen && !this.isMe(line.user)) {
      if (room.unread++ === 0) room.newFrom = room.end - 1;
    }
    room.trim(room !== this.room || this.#log.atEnd);
  }

  async #loadOlder(room) {
    try {
      room.addOlder(await this.chat.history(room.name, { before: room.oldest, limit: 100 }));
    } catch {
      return; // it is asked for again when the user goes on scrolling
    }
    this.#changed();
  }

  /** Draws once for all that changed until the next frame; a hidden page gets no frames. */
  #changed() {
    if (this.#drawing) return;
    this.#drawing = true;
    const draw = () => {
      if (this.#drawing) this.#draw();
    };
    if (document.hidden) setTimeout(draw, 200);
    else requestAnimationFrame(draw);
  }

  #draw() {
    this.#drawing = false;
    const { room } = this;
    if (!room) return;
    drawRooms(this.#rooms, room, name => this.show(name));
    drawPeople(room, user => this.isMe(user));
    drawTyping(room);
    drawConnection(this.chat.state, this.#node, this.#me !== null);
    if ($('title').dataset.room !== room.name) {
      $('title').dataset.room = room.name;
      $('title').replaceChildren('# ', bdi(room.name));
    }
    $('leave').hidden = room.name === HOME;
    const { unread } = this.#rooms;
    $('menu-unread').hidden = unread === 0;
    document.title = (unread ? `(${unread}) ` : '') + '# ' + isolated(room.name) + ' · Roomcast';
    // Everybody is in that room, on whichever server.
    const users = counted(this.#rooms.get(HOME).count, 'user');
    const up = uptime((Date.now() - this.#startedAt) / 1000);
    setText($('stats'), this.#roomCount === null ? '' : [users, counted(this.#roomCount, 'room'), up].join(' · '));
    this.#log.draw(room);
  }

  #watch() {
    document.addEventListener('visibilitychange', () => {
      if (this.room && !document.hidden) this.room.unread = 0;
      this.#draw();
    });
    // Others see us leave at once, also when the browser keeps the page for the way back.
    addEventListener('pagehide', () => this.chat?.close());
    addEventListener('pageshow', event => event.persisted && this.chat?.connect());
    $('again').addEventListener('click', () => this.chat.connect());
    $('leave').addEventListener('click', () => this.leave());
    $('logout').addEventListener('click', () => location.reload());
    $('create').addEventListener('submit', event => {
      event.preventDefault();
      const name = $('new-room').value.trim().replace(/^#\s*/, '');
      $('new-room').value = '';
      if (name) this.show(name);
    });
    document.addEventListener('keydown', event => {
      if (!this.#me || !event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
      event.preventDefault();
      const { list } = this.#rooms;
      const step = event.key === 'ArrowUp' ? list.length - 1 : 1;
      this.show(list[(list.indexOf(this.room) + step) % list.length].name);
    });
    setInterval(() => document.hidden || this.#refresh(), REFRESH_MS);
  }

  async #refresh() {
    if (this.chat?.state !== 'online') return;
    try {
      const [{ rooms }, stats] = await Promise.all([
        this.chat.listRooms({ limit: 500 }), fetch('/api/stats').then(answer => answer.json())]);
      this.#rooms.listed(rooms, this.room);
      // Each answer may come from another server.
      this.#startedAt = Math.min(this.#startedAt, Date.now() - stats.uptime * 1000);
      this.#roomCount = rooms.length;
    } catch {
      this.#roomCount = null; // the connection's own state tells what is wrong
    }
    this.#changed();
  }

  #rememberRooms() {
    remember('rooms', JSON.stringify(this.#rooms.joined.map(room => room.name).slice(0, MAX_REMEMBERED)));
  }
}

function rememberedRooms() {
  try {
    const names = JSON.parse(remembered('rooms') ?? '[]');
    return names.filter(name => typeof name === 'string' && name !== HOME).slice(0, MAX_REMEMBERED);
  } catch {
    return []; // somebody else wrote there
  }
}

const page = new Page();

$('name').value = remembered('name') ?? '';
$('name').select();
$('login-form').addEventListener('submit', event => {
  event.preventDefault();
  const name = $('name').value.trim();
  if (!name) {
    setText($('login-problem'), 'Please give a name.');
    $('name').focus();
    return;
  }
  remember('name', name);
  setText($('login-problem'), '');
  $('login-button').disabled = true;
  setText($('login-button'), 'Connecting…');
  page.enter(name);
});
$('name').addEventListener('input', () => {
  $('login-button').disabled = false;
  setText($('login-button'), 'Come in');
});

function loginFailed() {
  $('login-button').disabled = false;
  setText($('login-button'), 'Come in');
  setText($('login-problem'), 'No connection yet: the server is away, or does not accept this name. Trying again…');
}

function loggedIn(user) {
  $('login').hidden = true;
  $('app').hidden = false;
  $('me').textContent = user.name;
  $('me-avatar').replaceWith(avatar(user));
}

const dark = matchMedia('(prefers-color-scheme: dark)');

function showTheme() {
  const theme = document.documentElement.dataset.theme ?? (dark.matches ? 'dark' : 'light');
  $('theme').setAttribute('aria-pressed', String(theme === 'dark'));
  return theme;
}

$('theme').addEventListener('click', () => {
  document.documentElement.dataset.theme = showTheme() === 'dark' ? 'light' : 'dark';
  remember('theme', showTheme());
});
dark.addEventListener('change', showTheme);
showTheme();
