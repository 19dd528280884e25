/** What stands beside the messages: rooms, conversations, invitations, the connection, who types. */
import { $, bdi, counted, el, icon, reconcile, setText } from './dom.js';

const STATES = { online: 'connected', closed: 'disconnected' };

export function drawRooms(rooms, current, show) {
  drawList($('rooms'), rooms.list, current, show);
  drawList($('conversations'), rooms.conversations, current, show);
  $('no-conversations').hidden = rooms.conversations.length > 0;
}

function drawList(list, items, current, show) {
  reconcile(list, items, room => room.name, room => roomItem(room, show), (item, room) => {
    const button = item.firstElementChild;
    const [name, , unread, count, spoken] = button.children;
    button.classList.toggle('joined', room.joined || room.isConversation);
    button.classList.toggle('has-unread', room.unread > 0);
    if (room === current) button.setAttribute('aria-current', 'page');
    else button.removeAttribute('aria-current');
    const label = room.isConversation ? room.label.replace(/^@ /, '') : room.name;
    setText(name.querySelector('.sign'), room.isConversation ? '@ ' : '# ');
    setText(name.querySelector('bdi'), label);
    button.classList.toggle('is-private', room.isPrivate);
    button.title = room.title || label;
    setText(unread, (room.mentioned ? '@ ' : '') + (room.unread > 99 ? '99+' : room.unread || ''));
    setText(count, room.isConversation ? '' : room.count || '');
    const also = room.isConversation ? [] : [counted(room.count, 'person', 'people')];
    if (room.isPrivate) also.push('private');
    if (room.unread) also.unshift(room.unread + ' unread');
    if (room.mentioned) also.unshift('for you');
    if (!room.joined && !room.isConversation) also.push('not joined');
    setText(spoken, also.map(word => ', ' + word).join(''));
  });
}

function roomItem(room, show) {
  const unread = el('span', 'unread');
  unread.dataset.testid = 'unread';
  const count = el('span', 'count');
  for (const shown of [unread, count]) shown.setAttribute('aria-hidden', 'true');
  const name = el('span', 'room-name', el('span', 'sign'), bdi(''));
  const button = el('button', '', name, icon('lock'), unread, count, el('span', 'hidden-text'));
  button.children[1].classList.add('lock');
  button.type = 'button';
  button.dataset.testid = room.isConversation ? 'conversation-item' : 'room-item';
  button.dataset.room = room.name;
  button.addEventListener('click', () => show(room.name));
  return el('li', '', button);
}

export function drawInvitations(rooms, show, changed) {
  $('invitations').parentElement.hidden = rooms.invitations.size === 0;
  reconcile($('invitations'), [...rooms.invitations], ([name]) => name, ([name, by]) => {
    const join = el('button', '', 'Come in');
    const no = el('button', 'quiet', 'Not now');
    for (const button of [join, no]) button.type = 'button';
    join.dataset.testid = 'accept';
    join.addEventListener('click', () => show(name));
    no.addEventListener('click', () => {
      rooms.invitations.delete(name);
      changed();
    });
    const made = el('li', '', el('p', '', by ? bdi(by.name) : 'Somebody', ' invites you to # ', bdi(name)), join, no);
    made.dataset.testid = 'invitation';
    return made;
  }, () => {});
}

/** The name of what is shown, and what it is about. */
export function drawTitle(room) {
  const shown = [room.label, room.title, room.isPrivate].join('\n');
  if ($('title').dataset.shown === shown) return;
  $('title').dataset.shown = shown;
  const name = room.isConversation ? room.label.replace(/^@ /, '') : room.name;
  $('title').replaceChildren(room.isConversation ? '@ ' : '# ', bdi(name));
  $('topic').replaceChildren(...room.isPrivate ? [el('span', 'tag', 'private'), ' '] : [], bdi(room.title));
}

export function drawTyping(room) {
  const users = [...room.typing.values()].map(({ user }) => user);
  const key = users.map(user => user.id).join(' ');
  const line = $('typing');
  if (line.dataset.key === key) return;
  line.dataset.key = key;
  if (!users.length) return line.replaceChildren();
  if (users.length > 3) return line.replaceChildren(dots(), 'Several people are typing…');
  const parts = [dots()];
  users.forEach((user, i) => {
    if (i) parts.push(i === users.length - 1 ? ' and ' : ', ');
    parts.push(bdi(user.name));
  });
  line.replaceChildren(...parts, users.length === 1 ? ' is typing…' : ' are typing…');
}

function dots() {
  const made = el('span', 'dots', el('i'), el('i'), el('i'));
  made.setAttribute('aria-hidden', 'true');
  return made;
}

export function drawConnection(state, node, everConnected, waiting) {
  $('state').dataset.state = state === 'offline' ? 'connecting' : state;
  setText($('state'), STATES[state] ?? 'connecting');
  setText($('node'), state === 'online' ? node : '');
  $('banner').hidden = state === 'online' || !everConnected;
  $('banner').dataset.state = state;
  setText($('banner-text'), (state === 'closed' ? 'You are disconnected.' : 'Connection lost. Reconnecting…')
    + (waiting ? ' ' + counted(waiting, 'message waits', 'messages wait') + '.' : ''));
  setText($('again'), state === 'closed' ? 'Connect again' : 'Try now');
}

/** How long the oldest server that we have heard of has been up, in words. */
export function uptime(seconds) {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return 'up ' + Math.floor(seconds) + ' s';
  if (minutes < 60) return 'up ' + minutes + ' min';
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `up ${hours} h ${minutes % 60} min` : `up ${Math.floor(hours / 24)} days`;
}
