/** One room or conversation as the page knows it; no element of the page in here. */

const KEPT_AT_END = 600; // lines kept while the reader is at the newest; older ones can be had again
const KEPT = 4_000; // lines kept while the reader is somewhere above
const TYPING_MS = 7_000;
const SAID = new Set(['message', 'direct']);

/** Its lines, who is in it, who types, and what the user is about to say. */
export class Room {
  name;
  title = '';
  isPrivate = false;
  peer = null; // the other user, when it is a conversation
  moderates = false; // whether this user may moderate it
  joined = false;
  joining = false;
  listed = false;
  count = 0;
  unread = 0;
  mentioned = false; // whether something unread is for this user
  lastAt = 0; // when the last was said, as far as is known
  members = new Map();
  people = new Map(); // everybody seen here, to know whom a mention means
  peopleChanges = 0; // counts the changes of members and of who types
  typing = new Map(); // user id -> { user, timer }
  reads = new Map(); // user id -> { user, offset }
  draft = '';
  replyTo = null; // the message that the draft answers
  editing = null; // the message that the draft is to replace
  pending = []; // messages of ours that are not in the log yet
  lines = []; // frames and notes, oldest first
  start = 0; // the number of lines[0]: lines keep their numbers when others come or go
  changed = new Set(); // the lines that are not what they were when they were drawn
  generation = 0; // counts the times that lines were replaced
  newFrom = null; // the number of the first line that was not seen
  oldest = null; // the offset from which older history is to be had
  top = 0; // the newest offset
  more = false;

  #mine;

  /** @param mine the ids that this user has or had */
  constructor(name, mine) {
    this.name = name;
    this.#mine = mine;
  }

  get isConversation() {
    return this.name.startsWith('dm:');
  }

  /** What the room is called where there is place for a line of text. */
  get label() {
    if (!this.isConversation) return '# ' + this.name;
    return this.peer && this.#mine.has(this.peer.id) ? 'Notes to yourself' : '@ ' + (this.peer?.name ?? '?');
  }

  get end() {
    return this.start + this.lines.length;
  }

  line(number) {
    return this.lines[number - this.start];
  }

  /** The message at an offset, if it is loaded. */
  at(offset) {
    return this.lines.find(line => line.offset === offset && SAID.has(line.type));
  }

  /** Our newest message that can still be changed. */
  get lastOwn() {
    return this.lines.findLast(line => SAID.has(line.type) && this.#mine.has(line.user?.id) && !line.deleted);
  }

  /**
   * Takes what `joined` brings: either what was missed, or the newest instead of all before.
   * Returns the lines that were missed.
   */
  take(frame) {
    this.joined = true;
    this.members = new Map(frame.members.map(user => [user.id, user]));
    frame.members.forEach(user => this.people.set(user.id, user));
    this.count = frame.count;
    this.peopleChanges++;
    this.top = frame.offset;
    let missed = [];
    if (frame.recovered === true) {
      missed = frame.history.filter(line => this.add(line));
    } else {
      const notes = this.lines.filter(line => line.type === 'note').slice(-3);
      this.replace([]);
      this.oldest = frame.history[0]?.offset ?? null;
      this.more = (this.oldest ?? 1) > 1;
      this.pending = this.pending.filter(message => message.state !== 'sent');
      frame.history.concat(notes).forEach(line => this.add(line));
      this.#drawNewAfter(frame.unread ?? 0);
    }
    if (frame.unread !== undefined) this.unread = frame.unread;
    return missed;
  }

  /** The line where the user has read to is above the last so many messages of others. */
  #drawNewAfter(unread) {
    let left = unread;
    for (let n = this.end - 1; n >= this.start && left > 0; n--) {
      const line = this.line(n);
      if (!SAID.has(line.type) || this.#mine.has(line.user?.id)) continue;
      this.newFrom = n;
      left--;
    }
  }

  /** Adds a line at the end, or changes the one it is about; returns whether it is a new line. */
  add(frame) {
    this.oldest ??= frame.offset ?? null;
    if (frame.offset && frame.type !== 'moderation') this.top = Math.max(this.top, frame.offset);
    if (frame.target) this.#change(frame);
    if (!isShown(frame)) return false;
    if (frame.user) this.people.set(frame.user.id, frame.user);
    this.lastAt = Math.max(this.lastAt, frame.offset ? frame.ts : 0);
    this.lines.push(frame);
    if (frame.key && this.#mine.has(frame.user?.id)) {
      this.pending = this.pending.filter(message => message.key !== frame.key);
    }
    return true;
  }

  /** Plays an edit, a deletion or a reaction on the message that it is about. */
  #change(frame) {
    const line = this.at(frame.target);
    if (!line || line.deleted) return;
    if (frame.type === 'edit' && !frame.deleted) {
      Object.assign(line, { text: frame.text, edited: frame.ts });
    } else if (frame.type === 'delete') {
      Object.assign(line, { deleted: true, text: undefined, data: undefined, edited: undefined, reactions: undefined });
    } else if (frame.type === 'react') {
      react(line, frame);
    }
    this.lines.forEach((other, i) => {
      if (other === line || other.replyTo === frame.target) this.changed.add(this.start + i);
    });
  }

  addOlder(page) {
    this.more = page.more && page.frames.length > 0;
    this.oldest = page.frames[0]?.offset ?? this.oldest;
    const older = page.frames.filter(isShown);
    older.forEach(({ user }) => user && this.people.set(user.id, user));
    this.lines.unshift(...older);
    this.start -= older.length;
    // Answers that are drawn already may now show what they answer.
    const offsets = new Set(older.map(line => line.offset));
    this.lines.forEach((line, i) => offsets.has(line.replyTo) && this.changed.add(this.start + i));
  }

  /** Frames from this offset on cannot be had any more, or may be others than those seen. */
  gap(frame) {
    this.replace(this.lines.filter(line => line.type === 'moderation' || !(line.offset >= frame.from)));
    this.top = frame.offset;
    this.add({ type: 'note', text: 'Some messages are missing here: the server does not have them any more.' });
  }

  /** What was done to keep order, for those who may know, where it belongs by its time. */
  addModeration(frames) {
    const first = this.more ? this.lines.find(line => line.ts)?.ts ?? 0 : 0;
    const known = new Set(this.lines.filter(line => line.type === 'moderation').map(line => line.offset));
    const lines = frames.filter(({ name, offset, ts }) => name === 'moderation' && ts >= first && !known.has(offset))
      .map(frame => ({ ...frame, type: 'moderation' }));
    if (!lines.length) return;
    const last = this.lines.findLast(line => line.ts)?.ts ?? 0;
    if (lines[0].ts >= last) return lines.forEach(line => this.add(line));
    const merged = this.lines.slice();
    for (const line of lines) {
      const at = merged.findIndex(other => other.ts > line.ts);
      merged.splice(at < 0 ? merged.length : at, 0, line);
    }
    this.replace(merged);
  }

  replace(lines) {
    this.lines = lines;
    this.start = 0;
    this.newFrom = null;
    this.changed.clear();
    this.generation++;
  }

  /** Forgets the oldest lines; they are read again when somebody scrolls there. */
  trim(readerIsAtEnd) {
    const excess = this.lines.length - (readerIsAtEnd ? KEPT_AT_END : KEPT);
    if (excess < 50) return;
    this.lines.splice(0, excess);
    this.start += excess;
    this.oldest = this.lines.find(line => line.offset && line.type !== 'moderation')?.offset ?? this.oldest;
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
    joined.forEach(user => this.people.set(user.id, user));
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

  /** A user has read so far; when it is this one, on another device, so much less is unread. */
  readBy(user, offset) {
    if (offset <= (this.reads.get(user.id)?.offset ?? 0)) return;
    this.reads.set(user.id, { user, offset });
    if (!this.#mine.has(user.id)) return;
    this.unread = Math.min(this.unread, this.lines.filter(
      line => SAID.has(line.type) && line.offset > offset && !this.#mine.has(line.user?.id)).length);
    if (!this.unread) this.mentioned = false;
  }

  /** What remains of a room that was left: its place in the list. */
  left() {
    Object.assign(this, { joined: false, unread: 0, mentioned: false, moderates: false, pending: [] });
    this.members.clear();
    this.peopleChanges++;
    this.nobodyTypes();
    this.replace([]);
  }
}

function react(line, { emoji, user, on }) {
  const reactions = { ...line.reactions };
  const others = (reactions[emoji] ?? []).filter(id => id !== user.id);
  if (on) reactions[emoji] = [...others, user.id];
  else if (others.length) reactions[emoji] = others;
  else delete reactions[emoji];
  line.reactions = reactions;
}

function isShown(frame) {
  return SAID.has(frame.type) || frame.type === 'note' || frame.type === 'moderation'
    || (frame.type === 'event' && frame.offset > 0);
}
