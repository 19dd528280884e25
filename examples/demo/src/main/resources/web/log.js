/** The messages of the room that is shown: adds and removes only what changed, keeps the place. */
import { $, bdi, counted, el, reconcile, setText } from './dom.js';
import { dayLabel, dayOf, daySeparator, lineElement, newSeparator } from './message.js';

const NEAR_END = 80;
const NEAR_TOP = 400;

export class LogView {
  #chat;
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

  /** @param chat `loadOlder(room)`, `isMine(frame)`, `sendAgain(message)`, `discard(message)` */
  constructor(chat) {
    this.#chat = chat;
    this.#scroll.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    $('newest').addEventListener('click', () => {
      this.toEnd();
      $('text').focus({ preventScroll: true });
    });
    // The keyboard of a phone, a longer draft: whoever was at the end stays there.
    new ResizeObserver(() => this.#atEnd && this.#jump()).observe(this.#scroll);
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
      this.#drawNewer(room);
    }
    this.#drawPending(room);
    this.#drawBeginning(room);
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
    if (!other) return;
    this.#atEnd = true;
    this.#unseen = 0;
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
      parts.push(lineElement(line, before, this.#chat.isMine(line)));
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
      ({ message, before: last }) => [message.key, message.state, message.ts, last?.key ?? last?.offset].join(' '),
      ({ message, before: last }) => this.#pendingElement(message, last), () => {});
  }

  #pendingElement(message, before) {
    const made = lineElement(message, before, true);
    if (message.state === 'sending') made.lastChild.append(el('span', 'status', 'Sending…'));
    if (message.state !== 'failed') return made;
    const again = el('button', '', 'Send again');
    again.type = 'button';
    again.dataset.testid = 'send-again';
    again.addEventListener('click', () => this.#chat.sendAgain(message));
    const discard = el('button', 'quiet', 'Discard');
    discard.type = 'button';
    discard.addEventListener('click', () => this.#chat.discard(message));
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
      beginning.replaceChildren(el('p', '', room.joining ? 'Entering the room…' : 'You are not in this room.'));
    } else if (room.more) {
      beginning.replaceChildren(el('p', '', 'Loading older messages…'));
    } else {
      beginning.replaceChildren(el('span', 'emblem', '#'),
        el('h2', '', isEmpty ? 'It is quiet in ' : 'The beginning of ', bdi(room.name)),
        el('p', '', isEmpty ? 'Nobody has said anything yet. Be the first.'
          : room.oldest > 1 ? 'Older messages are not kept any more.' : 'This is where it all started.'));
    }
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
    if (this.#atEnd) this.#unseen = 0;
    this.#drawNewest();
    this.#loadIfNear();
  }

  async #loadIfNear() {
    const room = this.#room;
    if (!room?.more || !room.joined || this.#loading || this.#scroll.scrollTop > NEAR_TOP) return;
    this.#loading = true;
    try {
      await this.#chat.loadOlder(room);
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
