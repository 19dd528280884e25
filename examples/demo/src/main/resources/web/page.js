/** The page: what the user does goes to the server, and what there is gets drawn. */
import { Roomcast, conversationOf } from '/roomcast.js';
import { MessageActions } from './actions.js';
import { Composer } from './composer.js';
import { $, counted, isolated, setText } from './dom.js';
import { draftOf } from './drafts.js';
import { Drawers } from './drawers.js';
import { listen } from './listening.js';
import { LogView } from './log.js';
import { isSaid } from './message.js';
import { Notifications } from './notify.js';
import { drawPeople } from './people.js';
import { ReadMarks } from './reading.js';
import { HOME, Rooms, rememberRooms, rememberedRooms } from './rooms.js';
import { Search } from './search.js';
import { drawConnection, drawInvitations, drawRooms, drawTitle, drawTyping, uptime } from './side.js';
import { Speech } from './speech.js';
import { mentions } from './text.js';
import { Who } from './who.js';

const REFRESH_MS = 5_000;
const MAX_CONVERSATIONS = 50;
const REASONS = {
  kicked: 'a moderator took you out', banned: 'you are banned from it', removed: 'it was ended',
};

export class Page {
  chat = null;
  room = null;
  rooms = new Rooms();
  me = null;
  who = new Who(this);
  speech = new Speech(this);
  #node = '';
  log = new LogView(this);
  composer = new Composer(this);
  #drawers = new Drawers([$('menu'), $('side')], [$('show-people'), $('people')]);
  #search = new Search(open => open || this.composer.focus());
  #notifications = new Notifications(name => this.show(name));
  #marks = new ReadMarks(() => this.chat);
  #actions = new MessageActions(this.speech);
  #drawing = false;
  #startedAt = Infinity; // of the server that is up longest
  #roomCount = null;
  #events;

  /** @param events `loggedIn(user)`, and `failed()` when there is no connection at first */
  constructor(events) {
    this.#events = events;
    document.addEventListener('visibilitychange', () => {
      this.#tellStatus();
      if (this.room) this.seen(this.room);
      this.#draw();
    });
    setInterval(() => document.hidden || this.refresh(), REFRESH_MS);
  }

  enter(name) {
    this.chat?.close();
    this.chat = new Roomcast({ name });
    listen(this.chat, this);
    this.show(HOME);
    this.chat.connect();
  }

  get isOnline() {
    return this.chat?.state === 'online';
  }

  /** The room where everybody is. */
  get home() {
    return this.rooms.get(HOME);
  }

  isMe(user) {
    return this.who.isMe(user);
  }

  typing(room, active) {
    this.chat.typing(room, active);
  }

  /** Waits for something that may be refused, and says so then. */
  async attempt(done) {
    try {
      await done;
    } catch (error) {
      this.note(error.message, { error: true });
    }
  }

  /** A line that only this user sees. */
  note(text, { title, error = false } = {}) {
    this.room.add({ type: 'note', text, title, error });
    this.log.toEnd();
    this.changed();
  }

  search(text) {
    this.#search.show(text);
  }

  mention(user) {
    this.#drawers.close(false);
    this.composer.begin('@' + user.name + ' ');
  }

  /** Opens the conversation with a user. */
  converse(user) {
    const room = this.rooms.get(conversationOf(this.me.id, user.id));
    room.peer ??= user;
    this.show(room.name);
  }

  /** Shows a room, and joins it when it is not joined yet. */
  show(name) {
    const room = this.rooms.get(name);
    if (this.room && this.room !== room) this.room.newFrom = null;
    this.#draft(room);
    this.room = room;
    room.unread = 0;
    room.mentioned = false;
    this.rooms.invitations.delete(name);
    if (!room.joined && !room.joining && this.me) this.#join(room);
    else if (room.joined && !room.moderates) this.#watchModeration(room);
    this.#actions.hide();
    this.#search.close();
    this.composer.show(room);
    const wasOver = $('main').inert;
    this.#drawers.close(false);
    if (wasOver) $('scroll').focus();
    else this.composer.focus();
    this.changed();
  }

  /** What was begun here before the page was loaded again. */
  #draft(room) {
    if (room.draftLoaded) return;
    room.draftLoaded = true;
    room.draft ||= draftOf(room.name);
  }

  step(by) {
    const all = this.rooms.everything;
    this.show(all[(all.indexOf(this.room) + by + all.length) % all.length].name);
  }

  async #join(room) {
    room.joining = true;
    try {
      await this.chat.join(room.name);
    } catch (error) {
      if (error.code === 'left' || error.code === 'closed') return;
      this.rooms.forget(room.name);
      if (this.room === room && room.name !== HOME) this.show(HOME);
      this.note(`${room.label} cannot be joined: ${error.message}`, { error: true });
    } finally {
      room.joining = false;
      this.changed();
    }
  }

  /** Only who may moderate a room gets to know what moderators do; the server says who that is. */
  async #watchModeration(room) {
    if (room.isConversation) return;
    try {
      await this.chat.join('mod:' + room.name);
    } catch (error) {
      if (error.code !== 'forbidden') console.info('no log of moderation:', error.message);
    }
  }

  async leave() {
    const { room } = this;
    if (room.name === HOME) return this.note(`# ${HOME} is where everybody is: it is never left.`, { error: true });
    const { moderates } = room;
    this.#end(room);
    await this.chat.leave(room.name);
    if (moderates) await this.chat.leave('mod:' + room.name);
  }

  #end(room) {
    room.left();
    this.rooms.forget(room.name);
    rememberRooms(this.rooms);
    if (this.room === room) this.show(HOME);
    this.changed();
  }

  // What the server says, by way of listening.js.

  closed(chat) {
    if (!this.me && chat === this.chat) this.#events.failed();
  }

  welcome(frame) {
    const isFirst = !this.me;
    this.me = frame.user;
    this.#node = frame.node;
    this.rooms.mine.add(frame.user.id);
    this.composer.limit = frame.limits.textLength;
    if (isFirst) {
      this.#events.loggedIn(frame.user);
      this.#join(this.home);
      rememberedRooms().forEach(name => this.#join(this.rooms.get(name)));
      this.composer.show(this.room);
      this.composer.focus();
    }
    for (const [name, count] of Object.entries(frame.unread ?? {})) {
      const room = this.rooms.find(name);
      if (room && room !== this.room) room.unread = count;
    }
    this.#listConversations();
    this.refresh();
  }

  entered(room, lines) {
    lines.forEach(line => this.said(room, line));
    if (room === this.room && !document.hidden) room.unread = 0;
    rememberRooms(this.rooms);
    if (!room.moderates) this.#watchModeration(room);
    if (room.name === HOME) this.#tellStatus();
  }

  said(room, line) {
    const isSeen = room === this.room && !document.hidden;
    if (isSaid(line) && !this.isMe(line.user)) {
      const isForMe = room.isConversation || mentions(line.text ?? '', [...this.who.names(room).mine]);
      if (isForMe) this.#notifications.tell(room, line);
      if (!isSeen) {
        if (room.unread++ === 0) room.newFrom = room.end - 1;
        room.mentioned ||= isForMe;
      }
    }
    if (room.isConversation && !room.joined && !room.joining) this.#join(room);
    room.trim(room !== this.room || this.log.atEnd);
  }

  gone(room, reason) {
    const isPrivate = room.isPrivate;
    this.#end(room);
    if (isPrivate && this.room.name === room.name) this.show(HOME);
    this.note(`You are not in ${room.label} any more: ${REASONS[reason] ?? reason}.`, { error: true });
  }

  invited({ type, room, user }) {
    if (type === 'invited' && !this.rooms.find(room)?.joined) this.rooms.invitations.set(room, user ?? null);
    else this.rooms.invitations.delete(room);
    this.refresh();
  }

  presence(room, frame) {
    room.presence(frame);
    if (room.name !== HOME) return;
    (frame.left ?? []).forEach(user => this.who.away.delete(user.id));
    if (document.hidden && frame.joined?.length) this.#tellStatus();
  }

  status(user, data) {
    if (data?.away) this.who.away.add(user.id);
    else this.who.away.delete(user.id);
    this.rooms.everything.forEach(room => room.peopleChanges++);
  }

  /** Tells everybody whether somebody looks at this page; nobody depends on it. */
  #tellStatus() {
    if (!this.isOnline || !this.home.joined) return;
    this.chat.event(HOME, 'status', { away: document.hidden }, { ephemeral: true }).catch(
      error => console.info('status not told:', error.message));
  }

  async #listConversations() {
    try {
      const { conversations } = await this.chat.conversations({ limit: 100 });
      this.rooms.listedConversations(conversations);
      // Joined, so that nothing of them is missed while the connection is away.
      conversations.slice(0, MAX_CONVERSATIONS).map(({ room }) => this.rooms.get(room))
        .filter(room => !room.joined && !room.joining).forEach(room => this.#join(room));
    } catch (error) {
      if (error.code !== 'offline') console.info('no list of conversations:', error.message);
    }
    this.changed();
  }

  /** What is shown of the room has been read, when its newest line is to be seen. */
  seen(room) {
    if (document.hidden || room !== this.room || !room.joined || !this.log.atEnd) return;
    room.unread = 0;
    room.mentioned = false;
    this.#marks.read(room);
  }

  async loadOlder(room) {
    try {
      room.addOlder(await this.chat.history(room.name, { before: room.oldest, limit: 100 }));
    } catch {
      return; // it is asked for again when the user goes on scrolling
    }
    this.changed();
  }

  /** Draws once for all that changed until the next frame; a hidden page gets no frames. */
  changed() {
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
    drawRooms(this.rooms, room, name => this.show(name));
    drawInvitations(this.rooms, name => this.show(name), () => this.changed());
    drawPeople(room, this);
    drawTyping(room);
    drawTitle(room);
    const waiting = this.rooms.everything.reduce((sum, other) => sum + other.pending.filter(
      message => message.state === 'sending').length, 0);
    drawConnection(this.chat.state, this.#node, this.me !== null, waiting);
    $('leave').hidden = room.name === HOME || room.isConversation;
    const { unread } = this.rooms;
    $('menu-unread').hidden = unread === 0;
    document.title = (unread ? `(${unread}) ` : '') + isolated(room.label) + ' · Roomcast';
    // Everybody is in that room, on whichever server.
    const users = counted(this.home.count, 'user');
    const up = uptime((Date.now() - this.#startedAt) / 1000);
    setText($('stats'), this.#roomCount === null ? '' : [users, counted(this.#roomCount, 'room'), up].join(' · '));
    this.log.draw(room);
    this.seen(room);
  }

  async refresh() {
    if (!this.isOnline) return;
    try {
      const [{ rooms }, stats] = await Promise.all([
        this.chat.listRooms({ limit: 500 }), fetch('/api/stats').then(answer => answer.json())]);
      this.rooms.listed(rooms, this.room);
      // Each answer may come from another server.
      this.#startedAt = Math.min(this.#startedAt, Date.now() - stats.uptime * 1000);
      this.#roomCount = rooms.filter(({ room }) => !room.startsWith('mod:')).length;
    } catch {
      this.#roomCount = null; // the connection's own state tells what is wrong
    }
    this.changed();
  }
}
