/** What the page knows of each room; no element of the page in here. */

export const DEFAULT_ROOMS = ['general', 'random', 'help'];
export const HOME = 'general';

const KEPT_AT_END = 600; // lines kept while the reader is at the newest; older ones can be had again
const KEPT = 4_000; // lines kept while the reader is somewhere above
const TYPING_MS = 7_000;
const names = new Intl.Collator();

/** One room: its lines, who is in it, who types. */
export class Room {
  name;
  joined = false;
  joining = false;
  listed = false;
  count = 0;
  unread = 0;
  members = new Map();
  peopleChanges = 0; // counts the changes of members and of who types
  typing = new Map(); // user id -> { user, timer }
  draft = '';
  pending = []; // messages of ours that are not in the log yet
  lines = []; // frames and notes, oldest first
  start = 0; // the number of lines[0]: lines keep their numbers when others come or go
  generation = 0; // counts the times that lines were replaced
  newFrom = null; // the number of the first line that was not seen
  oldest = null; // the offset from which older history is to be had
  more = false;

  #mine;

  /** @param mine the ids that this user has or had */
  constructor(name, mine) {
    this.name = name;
    this.#mine = mine;
  }

  get end() {
    return this.start + this.lines.length;
  }

  line(number) {
    return this.lines[number - this.start];
  }

  /**
   * Takes what `joined` brings: either what was missed, or the newest instead of all before.
   * Returns the lines that were missed.
   */
  take(frame) {
    this.joined = true;
    this.members = new Map(frame.members.map(user => [user.id, user]));
    this.count = frame.count;
    this.peopleChanges++;
    if (frame.recovered !== true) {
      const notes = this.lines.filter(line => line.type === 'note').slice(-3);
      this.replace([]);
      this.oldest = frame.history[0]?.offset ?? null;
      this.more = (this.oldest ?? 1) > 1;
      this.pending = this.pending.filter(message => message.state !== 'sent');
      frame.history.concat(notes).forEach(line => this.add(line));
      return [];
    }
    return frame.history.filter(missed => this.add(missed));
  }

  /** Adds a line at the end; returns whether it is one that is shown. */
  add(frame) {
    this.oldest ??= frame.offset ?? null;
    if (!isShown(frame)) return false;
    this.lines.push(frame);
    if (frame.key && this.#mine.has(frame.user?.id)) {
      this.pending = this.pending.filter(message => message.key !== frame.key);
    }
    return true;
  }

  addOlder(page) {
    this.more = page.more && page.frames.length > 0;
    this.oldest = page.frames[0]?.offset ?? this.oldest;
    const older = page.frames.filter(isShown);
    this.lines.unshift(...older);
    this.start -= older.length;
  }

  /** Frames from this offset on cannot be had any more, or may be others than those seen. */
  gap(frame) {
    this.replace(this.lines.filter(line => !(line.offset >= frame.from)));
    this.add({ type: 'note', text: 'Some messages are missing here: the server does not have them any more.' });
  }

  replace(lines) {
    this.lines = lines;
    this.start = 0;
    this.newFrom = null;
    this.generation++;
  }

  /** Forgets the oldest lines; they are read again when somebody scrolls there. */
  trim(readerIsAtEnd) {
    const excess = this.lines.length - (readerIsAtEnd ? KEPT_AT_END : KEPT);
    if (excess < 50) return;
    this.lines.splice(0, excess);
    this.start += excess;
    this.oldest = this.lines.find(line => line.offset)?.offset ?? this.oldest;
    this.more = true;
  }

  /** A message of ours has its ack; the message itself came before, or is about to come. */
  sent(message) {
    message.state = 'sent';
    if (this.lines.some(line => line.key === message.key)) this.drop(message);
  }

  drop(message) {
    this.pending = this.pending.filter(other => other !== message);
  }

  presence({ joined = [], left = [], count }) {
    joined.forEach(user => this.members.set(user.id, user));
    left.forEach(user => this.members.delete(user.id));
    this.count = count;
    this.peopleChanges++;
  }

  types(user, active, changed) {
    const before = this.typing.get(user.id);
    if (!before && !active) return;
    clearTimeout(before?.timer);
    if (!before || !active) this.peopleChanges++;
    if (!active) return this.typing.delete(user.id);
    const timer = setTimeout(() => {
      this.types(user, false);
      changed();
    }, TYPING_MS);
    this.typing.set(user.id, { user, timer });
  }

  nobodyTypes() {
    this.typing.forEach(({ user }) => this.types(user, false));
  }

  /** What remains of a room that was left: its place in the list. */
  left() {
    this.joined = false;
    this.unread = 0;
    this.pending = [];
    this.members.clear();
    this.peopleChanges++;
    this.nobodyTypes();
    this.replace([]);
  }
}

/** All rooms, in the order of the list: the default ones, then by name. */
export class Rooms {
  mine = new Set();
  #all = new Map(DEFAULT_ROOMS.map(name => [name, new Room(name, this.mine)]));

  get(name) {
    if (!this.#all.has(name)) this.#all.set(name, new Room(name, this.mine));
    return this.#all.get(name);
  }

  find(name) {
    return this.#all.get(name);
  }

  get list() {
    const others = [...this.#all.values()].filter(room => !DEFAULT_ROOMS.includes(room.name));
    others.sort((a, b) => names.compare(a.name, b.name));
    return [...DEFAULT_ROOMS.map(name => this.#all.get(name)), ...others];
  }

  get joined() {
    return this.list.filter(room => room.joined);
  }

  get unread() {
    return this.list.reduce((sum, room) => sum + room.unread, 0);
  }

  /** Takes the server's list; rooms that are gone from it and not ours go from ours. */
  listed(infos, current) {
    const counts = new Map(infos.map(info => [info.room, info.count]));
    counts.forEach((count, name) => (this.get(name).count = count));
    for (const [name, room] of this.#all) {
      room.listed = counts.has(name);
      if (!room.listed) room.count = room.joined ? room.count : 0;
      this.#tidy(room, current);
    }
  }

  #tidy(room, current) {
    const wanted = room.listed || room.joined || room.joining || room === current;
    if (!wanted && !DEFAULT_ROOMS.includes(room.name)) this.#all.delete(room.name);
  }

  forget(name) {
    if (!DEFAULT_ROOMS.includes(name)) this.#all.delete(name);
  }
}

function isShown(frame) {
  return frame.type === 'message' || frame.type === 'note' || (frame.type === 'event' && frame.offset > 0);
}
