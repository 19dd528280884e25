/** Makes the elements of lines: messages, notes, events, separators, avatars. */
import { bdi, counted, el } from './dom.js';
import { moderationText } from './moderation.js';
import { textNodes } from './text.js';

const GROUP_MS = 5 * 60_000;
const AVATARS = 8;
const QUOTE_LENGTH = 140;
const graphemes = globalThis.Intl?.Segmenter ? new Intl.Segmenter() : null;
const clock = new Intl.DateTimeFormat([], { hour: '2-digit', minute: '2-digit' });
const moment = new Intl.DateTimeFormat([], { dateStyle: 'full', timeStyle: 'short' });

/** Whether somebody said it, in a room or to a user. */
export function isSaid(line) {
  return line?.type === 'message' || line?.type === 'direct';
}

/** Whether a line goes on where the one before it was: same author, little later, same day. */
export function follows(line, before) {
  return isSaid(line) && isSaid(before) && line.kind !== 'action' && before.kind !== 'action'
    && line.replyTo === undefined && line.user.id === before.user.id
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
  const made = el('li', 'new', el('span', '', 'New'));
  made.dataset.testid = 'last-read';
  return made;
}

/**
 * @param around what it stands among: `before`, the line above; `isMe(user)`; `at(offset)`, another
 *     message; `names`, who can be mentioned; `nameOf(id)`, who that is
 */
export function lineElement(line, around) {
  if (line.type === 'note') return noteElement(line);
  if (line.type === 'event') return eventElement(line);
  if (line.type === 'moderation') return moderationElement(line, around);
  return messageElement(line, around);
}

function noteElement({ text, title, error }) {
  const made = el('li', error ? 'note error' : 'note');
  if (title) made.append(el('strong', '', title));
  const rows = text.split('\n').map(line => line.split('\t'));
  made.append(rows.some(row => row.length > 1) ? noteList(rows) : el('div', 'note-text', text));
  made.lastChild.dir = 'auto';
  return made;
}

/** Names and what they are, one beside the other. */
function noteList(rows) {
  return el('dl', 'note-list', ...rows.flatMap(([name, what = '']) => [el('dt', '', name), el('dd', '', what)]));
}

function eventElement(line) {
  const made = el('li', 'event', bdi(line.name, 'event-name'), ' ', bdi(JSON.stringify(line.data)));
  made.dataset.offset = line.offset;
  return made;
}

function moderationElement(line, { nameOf }) {
  const made = el('li', 'moderation', ...moderationText(line.data, nameOf), ' ', timeElement(line.ts));
  made.dataset.testid = 'moderation';
  return made;
}

function messageElement(message, around) {
  const isMine = around.isMe(message.user);
  const isAction = message.kind === 'action' && !message.deleted;
  const made = el('li', 'message');
  made.tabIndex = -1;
  made.dataset.testid = 'message';
  made.dataset.time = clock.format(message.ts);
  made.classList.toggle('action', isAction);
  made.classList.toggle('follow', follows(message, around.before));
  made.classList.toggle('mine', isMine);
  if (message.offset) made.dataset.offset = message.offset;
  if (isMine) made.dataset.state = message.state ?? 'sent';
  const body = el('div', 'body');
  body.dir = 'auto';
  const content = el('div', 'content');
  const answered = message.replyTo === undefined ? [] : [quote(message.replyTo, around)];
  if (isAction) {
    const mark = el('span', 'action-mark', '✳');
    mark.setAttribute('aria-hidden', 'true');
    body.append(bdi(message.user.name, 'name'), ' ', ...bodyNodes(message, around));
    content.append(...answered, body, ' ', timeElement(message.ts));
    made.append(mark, content);
  } else {
    body.append(...bodyNodes(message, around));
    const who = el('div', 'who', bdi(message.user.name, 'name'));
    if (isMine) who.append(' ', el('span', 'you', '(you)'));
    who.append(' ', timeElement(message.ts));
    content.append(who, ...answered, body);
    made.append(avatar(message.user), content);
  }
  made.classList.toggle('for-me', Boolean(body.querySelector('.to-me')) && !isMine);
  if (message.edited) {
    made.classList.add('edited');
    body.title = 'Edited ' + moment.format(message.edited);
  }
  if (message.reactions && Object.keys(message.reactions).length) content.append(reactions(message, around));
  return made;
}

function bodyNodes(message, { names, isMyName }) {
  if (message.deleted) return [el('em', 'gone', 'This message was deleted.')];
  return textNodes(message.text, names, isMyName);
}

function timeElement(ts) {
  const time = el('time', '', clock.format(ts));
  time.dateTime = new Date(ts).toISOString();
  time.title = moment.format(ts);
  return time;
}

/** What a message answers, as far as it is loaded; pressing it leads there. */
function quote(offset, { at }) {
  const original = at(offset);
  const made = el('button', 'quote');
  made.type = 'button';
  made.dataset.quotes = offset;
  made.dataset.testid = 'quote';
  if (!original) made.append('An older message');
  else made.append(bdi(original.user.name, 'name'), ' ', bdi(excerpt(original)));
  return made;
}

/** The beginning of what a message says, in one line. */
export function excerpt(message) {
  if (message.deleted) return 'deleted';
  const text = message.text.replace(/\s+/g, ' ');
  return text.length > QUOTE_LENGTH ? [...text].slice(0, QUOTE_LENGTH).join('') + '…' : text;
}

function reactions(message, { isMe, nameOf }) {
  const made = el('div', 'reactions');
  for (const [emoji, ids] of Object.entries(message.reactions)) {
    const isOurs = ids.some(id => isMe({ id }));
    const button = el('button', 'reaction', el('span', '', emoji), ' ', el('span', 'n', ids.length));
    button.type = 'button';
    button.dataset.emoji = emoji;
    button.dataset.testid = 'reaction';
    button.setAttribute('aria-pressed', String(isOurs));
    button.setAttribute('aria-label', emoji + ', ' + counted(ids.length, 'person', 'people'));
    button.title = ids.slice(0, 20).map(id => (isMe({ id }) ? 'you' : nameOf(id) ?? 'somebody')).join(', ')
      + (ids.length > 20 ? ' and ' + (ids.length - 20) + ' more' : '');
    made.append(button);
  }
  return made;
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
