/** Makes the elements of lines: messages, notes, separators, avatars. */
import { bdi, el } from './dom.js';

const GROUP_MS = 5 * 60_000;
const AVATARS = 8;
const graphemes = globalThis.Intl?.Segmenter ? new Intl.Segmenter() : null;
const clock = new Intl.DateTimeFormat([], { hour: '2-digit', minute: '2-digit' });
const moment = new Intl.DateTimeFormat([], { dateStyle: 'full', timeStyle: 'short' });

/** Whether a line goes on where the one before it was: same author, little later, same day. */
export function follows(line, before) {
  return Boolean(before) && line.type === 'message' && before.type === 'message'
    && line.kind !== 'action' && before.kind !== 'action' && line.user.id === before.user.id
    && line.ts - before.ts < GROUP_MS && dayOf(line) === dayOf(before);
}

export function dayOf(line) {
  return line.ts ? new Date(line.ts).toDateString() : '';
}

export function dayLabel(ts, now = new Date()) {
  const date = new Date(ts);
  const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(ts).setHours(0, 0, 0, 0)) / 86_400_000);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  const year = date.getFullYear() === now.getFullYear() ? undefined : 'numeric';
  return date.toLocaleDateString([], { weekday: 'long', day: 'numeric', month: 'long', year });
}

export function daySeparator(ts) {
  const made = el('li', 'day', el('span', '', dayLabel(ts)));
  made.dataset.ts = ts;
  return made;
}

export function newSeparator() {
  return el('li', 'new', el('span', '', 'New'));
}

export function lineElement(line, before, isMine) {
  if (line.type === 'note') return noteElement(line);
  if (line.type === 'event') return eventElement(line);
  return messageElement(line, before, isMine);
}

function noteElement({ text, title, error }) {
  const made = el('li', error ? 'note error' : 'note');
  if (title) made.append(el('strong', '', title));
  made.append(el('div', 'note-text', text));
  made.lastChild.dir = 'auto';
  return made;
}

function eventElement(line) {
  const made = el('li', 'event', bdi(line.name, 'event-name'), ' ', bdi(JSON.stringify(line.data)));
  made.dataset.offset = line.offset;
  return made;
}

function messageElement(message, before, isMine) {
  const isAction = message.kind === 'action';
  const made = el('li', 'message');
  made.dataset.testid = 'message';
  made.dataset.time = clock.format(message.ts);
  made.classList.toggle('action', isAction);
  made.classList.toggle('follow', follows(message, before));
  made.classList.toggle('mine', isMine);
  if (message.offset) made.dataset.offset = message.offset;
  if (isMine) made.dataset.state = message.state ?? 'sent';
  const time = el('time', '', made.dataset.time);
  time.dateTime = new Date(message.ts).toISOString();
  time.title = moment.format(message.ts);
  const body = el('div', 'body');
  body.dir = 'auto';
  if (isAction) {
    body.append(bdi(message.user.name, 'name'), ' ', ...linked(message.text));
    const mark = el('span', 'action-mark', '✳');
    mark.setAttribute('aria-hidden', 'true');
    made.append(mark, el('div', 'content', body, ' ', time));
    return made;
  }
  body.append(...linked(message.text));
  const who = el('div', 'who', bdi(message.user.name, 'name'));
  if (isMine) who.append(' ', el('span', 'you', '(you)'));
  who.append(' ', time);
  made.append(avatar(message.user), el('div', 'content', who, body));
  return made;
}

/** Text with its web addresses as links, that give the other page nothing of ours. */
function linked(text) {
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(/\bhttps?:\/\/[^\s<>"'`\p{C}]+/giu)) {
    const address = withoutTail(match[0]);
    if (!URL.canParse(address)) continue;
    nodes.push(text.slice(at, match.index));
    const link = el('a', '', address);
    link.href = address;
    link.rel = 'noopener noreferrer nofollow';
    link.target = '_blank';
    link.dir = 'ltr';
    nodes.push(link);
    at = match.index + address.length;
  }
  nodes.push(text.slice(at));
  return nodes.filter(node => node !== '');
}

/** A full stop, or a bracket that was opened before the address, is the sentence's. */
function withoutTail(address) {
  let kept = address.replace(/[.,;:!?…]+$/u, '');
  while (/[)\]}]$/.test(kept)) {
    const close = kept.at(-1);
    const open = { ')': '(', ']': '[', '}': '{' }[close];
    if (kept.split(open).length >= kept.split(close).length) break;
    kept = kept.slice(0, -1).replace(/[.,;:!?…]+$/u, '');
  }
  return kept;
}

export function avatar(user) {
  let hash = 2_166_136_261;
  for (const c of user.name) hash = Math.imul(hash ^ c.codePointAt(0), 16_777_619);
  const made = el('span', 'avatar a' + ((hash >>> 9) % AVATARS), initial(user.name));
  made.setAttribute('aria-hidden', 'true');
  return made;
}

/** The first sign of a name that can be seen. */
function initial(name) {
  const signs = graphemes ? [...graphemes.segment(name)].map(part => part.segment) : [...name];
  const first = signs.find(sign => /[\p{L}\p{N}\p{S}\p{Extended_Pictographic}]/u.test(sign));
  return (first ?? '?').replace(/[\p{Cf}]/gu, c => (c === '\u200d' ? c : '')).toUpperCase();
}
