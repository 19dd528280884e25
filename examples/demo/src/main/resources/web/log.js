/** The messages of the room that is shown: adds and removes only what changed, keeps the place. */
import { $, bdi, counted, el, reconcile, setText } from './dom.js';
import { dayLabel, dayOf, daySeparator, isSaid, lineElement, newSeparator } from './message.js';

const NEAR_END = 80;
const NEAR_TOP = 400;

export class LogView {
  #page;
  #room = null;
  #generation = -1;
  #from = 0; // the numbers of the lines that are drawn: from, and up to but not including to
  #to = 0;
  #drawnAtNew = null;
  #atEnd = true;
  #unseen = 0;
  #loading = false;
  #day = '';
  #scroll = $('scroll');
  #list = $('log');

  /**
   * @param page `loadOlder(room)`, `seen(room)`, `isOnline`, `who`, and `speech` for what was not sent
   */
  constructor(page) {
    this.#page = page;
    this.#scroll.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    $('newest').addEventListener('click', () => {
      this.toEnd();
      $('text').focus({ preventScroll: true });
    });
    // The keyboard of a phone, a longer draft: whoever was at the end stays there.
    new ResizeObserver(() => this.#atEnd && this.#jump()).observe(this.#scroll);
    this.#list.addEventListener('click', event => {
      const quote = event.target.closest('.quote');
      if (quote) this.goTo(Number(quote.dataset.quotes));
    });
  }

  /** Leads to a message, if it is loaded. */
  goTo(offset) {
    const line = this.#list.querySelector(`.message[data-offset="${offset}"]`);
    if (!line) return false;
    line.scrollIntoView({ block: 'center' });
    line.focus({ preventScroll: true });
    line.classList.remove('found');
    requestAnimationFrame(() => line.classList.add('found'));
    return true;
  }

  /** Moves the focus to a message, if it is loaded. */
  focus(offset) {
    const line = this.#list.querySelector(`.message[data-offset="${offset}"]`);
    line?.focus({ preventScroll: true });
    return Boolean(line);
  }

  get atEnd() {
    return this.#atEnd;
  }

  toEnd() {
    this.#atEnd = true;
    this.#unseen = 0;
    this.#jump();
    this.#drawNewest();
  }

  draw(room) {
    const today = new Date().toDateString();
    if (today !== this.#day) this.#relabelDays(today);
    const other = room !== this.#room;
    const anchor = this.#atEnd ? null : this.#list.lastElementChild;
    const place = anchor?.offsetTop;
    if (other || room.generation !== this.#generation || room.start >= this.#to && this.#to > this.#from) {
      this.#rebuild(room, other);
    } else {
      this.#drawOlder(room);
      if (room.newFrom !== this.#drawnAtNew) this.#list.querySelectorAll('.new').forEach(old => old.remove());
      this.#drawnAtNew = room.newFrom;
      this.#drawChanged(room);
      this.#drawNewer(room);
    }
    room.changed.clear();
    this.#drawPending(room);
    this.#drawBeginning(room);
    this.#drawSeen(room);
    if (this.#atEnd) this.#jump();
    // What is read stays where it is, whatever came or went above it.
    else if (anchor?.isConnected) this.#scroll.scrollTop += anchor.offsetTop - place;
    this.#drawNewest();
    this.#loadIfNear();
  }

  #rebuild(room, other) {
    this.#room = room;
    this.#generation = room.generation;
    this.#from = room.start;
    this.#to = room.end;
    this.#drawnAtNew = room.newFrom;
    this.#quietly(() => this.#list.replaceChildren(...this.#elements(room.start, room.end)));
    if (!other && room.newFrom === null) return;
    this.#unseen = 0;
    this.#atEnd = room.newFrom === null || !this.#showNew();
  }

  /** Begins to read where the user has read to, when that is not to be seen at the end. */
  #showNew() {
    const line = this.#list.querySelector('.new');
    if (!line) return false;
    const below = this.#scroll.scrollHeight - line.offsetTop;
    if (below <= this.#scroll.clientHeight) return false;
    this.#scroll.scrollTop = line.offsetTop - 60;
    return true;
  }

  /** What was edited, deleted, or reacted to. */
  #drawChanged(room) {
    for (const n of room.changed) {
      if (n < this.#from || n >= this.#to) continue;
      const old = this.#list.querySelector(`.message[data-n="${n}"]`);
      if (!old) continue;
      const before = old.previousElementSibling;
      const made = this.#lineElement(n, before?.classList.contains('new') ? undefined : room.line(n - 1));
      made.dataset.n = n;
      const focused = old.contains(document.activeElement) && document.activeElement;
      this.#quietly(() => old.replaceWith(made));
      if (focused) (made.querySelector(`[data-emoji="${CSS.escape(focused.dataset.emoji ?? '')}"]`) ?? made).focus({ preventScroll: true });
    }
  }

  #lineElement(n, before) {
    return lineElement(this.#room.line(n), this.#around(before));
  }

  #around(before) {
    const room = this.#room;
    const names = this.#page.who.names(room);
    return { before, at: offset => room.at(offset), isMe: user => this.#page.who.isMe(user),
      nameOf: id => this.#page.who.nameOf(id), names: names.all, isMyName: name => names.mine.has(name) };
  }

  /** Lines above those that are drawn come and go. */
  #drawOlder(room) {
    if (room.start === this.#from) return;
    const oldFrom = this.#from;
    this.#from = room.start;
    this.#quietly(() => {
      // The line that was the first has one before it now, or a line after it is the first.
      const second = Math.min(Math.max(oldFrom, room.start) + 1, this.#to);
      while (this.#list.firstElementChild && Number(this.#list.firstElementChild.dataset.n) < second) {
        this.#list.firstElementChild.remove();
      }
      this.#list.prepend(...this.#elements(room.start, second));
    });
  }

  #drawNewer(room) {
    if (room.end === this.#to) return;
    const added = room.end - this.#to;
    this.#list.append(...this.#elements(this.#to, room.end));
    this.#to = room.end;
    if (!this.#atEnd) this.#unseen += added;
  }

  /** The elements of these lines, each with the separators before it. */
  #elements(from, to) {
    const elements = [];
    for (let n = from; n < to; n++) {
      const line = this.#room.line(n);
      let before = this.#room.line(n - 1);
      const parts = [];
      if (line.ts && dayOf(line) !== this.#dayBefore(n)) parts.push(daySeparator(line.ts));
      if (n === this.#room.newFrom) {
        parts.push(newSeparator());
        before = undefined;
      }
      parts.push(this.#lineElement(n, before));
      parts.forEach(part => (part.dataset.n = n));
      elements.push(...parts);
    }
    return elements;
  }

  #dayBefore(n) {
    for (let i = n - 1; i >= this.#room.start; i--) {
      const line = this.#room.line(i);
      if (line.ts) return dayOf(line);
    }
    return '';
  }

  #drawPending(room) {
    let before = room.line(room.end - 1);
    const lines = room.pending.map(message => {
      const line = { message, before };
      before = message;
      return line;
    });
    reconcile($('pending'), lines,
      ({ message, before: last }) => [message.key, message.state, message.ts, last?.key ?? last?.offset,
        this.#page.isOnline].join(' '),
      ({ message, before: last }) => this.#pendingElement(message, last), () => {});
  }

  #pendingElement(message, before) {
    const made = lineElement(message, this.#around(before));
    if (message.state === 'sending') {
      made.lastChild.append(el('span', 'status', this.#page.isOnline ? 'Sending…' : 'Waits for the connection'));
    }
    if (message.state !== 'failed') return made;
    const again = el('button', '', 'Send again');
    again.type = 'button';
    again.dataset.testid = 'send-again';
    again.addEventListener('click', () => this.#page.speech.sendAgain(message));
    const discard = el('button', 'quiet', 'Discard');
    discard.type = 'button';
    discard.addEventListener('click', () => this.#page.speech.discard(message));
    const status = el('div', 'status failed', el('span', '', 'Not sent: ' + message.problem), again, discard);
    status.setAttribute('role', 'alert');
    made.lastChild.append(status);
    return made;
  }

  #drawBeginning(room) {
    const beginning = $('beginning');
    const isEmpty = !room.lines.length && !room.pending.length;
    const kind = [room.name, !room.joined ? 'entering' : room.more ? 'more' : isEmpty ? 'empty'
      : room.oldest > 1 ? 'kept' : 'first'].join(' ');
    if (beginning.dataset.kind === kind) return;
    beginning.dataset.kind = kind;
    beginning.className = 'beginning ' + kind.split(' ').at(-1);
    if (!room.joined) {
      beginning.replaceChildren(el('p', '', room.joining ? 'Entering…' : 'You are not in this room.'));
    } else if (room.more) {
      beginning.replaceChildren(el('p', '', 'Loading older messages…'));
    } else {
      const name = room.isConversation ? room.label.replace(/^@ /, '') : room.name;
      const isOwn = room.isConversation && this.#page.who.isMe(room.peer);
      const title = isOwn ? ['Notes to yourself']
        : [room.isConversation ? 'You and ' : isEmpty ? 'It is quiet in ' : 'The beginning of ', bdi(name)];
      const nothing = isOwn ? 'Only you can read what is said here.'
        : room.isConversation ? 'Only the two of you can read what is said here.'
        : isEmpty ? 'Nobody has said anything yet. Be the first.' : 'This is where it all started.';
      beginning.replaceChildren(el('span', 'emblem', room.isConversation ? '@' : '#'),
        el('h2', '', ...title),
        el('p', '', room.oldest > 1 && !isEmpty ? 'Older messages are not kept any more.' : nothing));
    }
  }

  /** In a conversation: whether the other one has read what was said last. */
  #drawSeen(room) {
    const last = room.isConversation && !room.pending.length
      ? room.lines.findLast(line => isSaid(line)) : undefined;
    const isSeen = last && this.#page.who.isMe(last.user) && !this.#page.who.isMe(room.peer)
      && (room.reads.get(room.peer?.id)?.offset ?? 0) >= last.offset;
    setText($('seen'), isSeen ? 'Seen' : '');
  }

  #drawNewest() {
    const button = $('newest');
    button.hidden = this.#atEnd;
    if (this.#atEnd) return;
    setText(button, this.#unseen ? counted(this.#unseen, 'new message') : 'Jump to newest');
  }

  #jump() {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END;
    if (this.#atEnd) {
      this.#unseen = 0;
      if (this.#room) this.#page.seen(this.#room);
    }
    this.#drawNewest();
    this.#loadIfNear();
  }

  async #loadIfNear() {
    const room = this.#room;
    if (!room?.more || !room.joined || this.#loading || this.#scroll.scrollTop > NEAR_TOP) return;
    this.#loading = true;
    try {
      await this.#page.loadOlder(room);
    } finally {
      this.#loading = false;
    }
  }

  /** Changes that are no news: a screen reader is not told. */
  #quietly(change) {
    $('news').setAttribute('aria-live', 'off');
    change();
    setTimeout(() => $('news').setAttribute('aria-live', 'polite'), 500);
  }

  #relabelDays(today) {
    this.#day = today;
    for (const separator of this.#list.querySelectorAll('.day')) {
      setText(separator.firstElementChild, dayLabel(Number(separator.dataset.ts)));
    }
  }
}
