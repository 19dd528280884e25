/** What stands beside the messages: the rooms, the people, the connection, and their drawers. */
import { $, bdi, counted, el, reconcile, setText } from './dom.js';
import { avatar } from './message.js';

const names = new Intl.Collator();
const PANELS = ['side', 'main', 'people'];
const STATES = { online: 'connected', closed: 'disconnected' };

export function drawRooms(rooms, current, show) {
  reconcile($('rooms'), rooms.list, room => room.name, room => roomItem(room, show), (item, room) => {
    const button = item.firstElementChild;
    const [, unread, count, spoken] = button.children;
    button.classList.toggle('joined', room.joined);
    button.classList.toggle('has-unread', room.unread > 0);
    if (room === current) button.setAttribute('aria-current', 'page');
    else button.removeAttribute('aria-current');
    setText(unread, room.unread > 99 ? '99+' : room.unread || '');
    setText(count, room.count || '');
    const also = [counted(room.count, 'person', 'people')];
    if (room.unread) also.unshift(room.unread + ' unread');
    if (!room.joined) also.push('not joined');
    setText(spoken, ', ' + also.join(', '));
  });
}

function roomItem(room, show) {
  const unread = el('span', 'unread');
  unread.dataset.testid = 'unread';
  const count = el('span', 'count');
  for (const shown of [unread, count]) shown.setAttribute('aria-hidden', 'true');
  const name = el('span', 'room-name', '# ', bdi(room.name));
  const button = el('button', '', name, unread, count, el('span', 'hidden-text'));
  button.type = 'button';
  button.title = room.name;
  button.dataset.testid = 'room-item';
  button.dataset.room = room.name;
  button.addEventListener('click', () => show(room.name));
  return el('li', '', button);
}

export function drawPeople(room, isMe) {
  const drawn = room.name + ' ' + room.peopleChanges + ' ' + room.count;
  if ($('members').dataset.drawn === drawn) return;
  $('members').dataset.drawn = drawn;
  setText($('count'), room.count || '');
  setText($('people-count'), room.count || '');
  const people = [...room.members.values()].sort(
    (a, b) => isMe(b) - isMe(a) || names.compare(a.name, b.name));
  reconcile($('members'), people, user => user.id, user => {
    const item = el('li', '', avatar(user), bdi(user.name, 'name'));
    item.dataset.testid = 'member';
    return item;
  }, (item, user) => {
    item.classList.toggle('types', room.typing.has(user.id));
    if (isMe(user) && !item.querySelector('.you')) item.append(' ', el('span', 'you', '(you)'));
  });
  const more = room.count - people.length;
  setText($('more-members'), room.joined && more > 0 ? 'and ' + counted(more, 'other') : '');
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

export function drawConnection(state, node, everConnected) {
  $('state').dataset.state = state === 'offline' ? 'connecting' : state;
  setText($('state'), STATES[state] ?? 'connecting');
  setText($('node'), state === 'online' ? node : '');
  $('banner').hidden = state === 'online' || !everConnected;
  $('banner').dataset.state = state;
  setText($('banner-text'), state === 'closed' ? 'You are disconnected.' : 'Connection lost. Reconnecting…');
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

/** A panel that on a narrow window lies over the messages: one is open at most. */
export class Drawers {
  #open = null;

  constructor(...pairs) {
    for (const [button, panel] of pairs) {
      button.addEventListener('click', () => (this.#open ? this.close() : this.#show(button, panel)));
      panel.querySelector('[data-close]').addEventListener('click', () => this.close());
    }
    $('shade').addEventListener('click', () => this.close());
    document.addEventListener('keydown', event => event.key === 'Escape' && this.close());
    // A window that got wider has room for everything.
    matchMedia('(min-width: 641px)').addEventListener('change', () => this.close(false));
    matchMedia('(min-width: 1001px)').addEventListener('change', () => this.close(false));
  }

  #show(button, panel) {
    this.#open = { button, panel };
    panel.classList.add('open');
    button.setAttribute('aria-expanded', 'true');
    for (const other of PANELS) $(other).inert = other !== panel.id;
    $('shade').hidden = false;
    (panel.querySelector('[aria-current]') ?? panel.querySelector('[data-close]')).focus();
  }

  close(refocus = true) {
    if (!this.#open) return;
    const { button, panel } = this.#open;
    this.#open = null;
    panel.classList.remove('open');
    button.setAttribute('aria-expanded', 'false');
    for (const other of PANELS) $(other).inert = false;
    $('shade').hidden = true;
    if (refocus) button.focus();
  }
}
