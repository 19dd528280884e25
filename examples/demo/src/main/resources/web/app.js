import { Roomcast } from '/roomcast.js';

const DEFAULT_ROOMS = ['general', 'random', 'help'];
const MAX_SHOWN = 500;
const $ = id => document.getElementById(id);
const rooms = new Map(); // name -> { joined, messages, members, unread, count, typing, more, pending }
let chat;
let me;
let current = 'general';
let typingSince = 0;

function room(name) {
  if (!rooms.has(name)) {
    rooms.set(name, { joined: false, messages: [], members: new Map(), unread: 0, count: 0,
      typing: new Map(), more: true, pending: [], notes: [] });
  }
  return rooms.get(name);
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

function avatar(user) {
  let sum = 0;
  for (const c of user.id) sum += c.codePointAt(0);
  const made = element('span', 'avatar a' + (sum % 6), [...user.name][0].toUpperCase());
  made.setAttribute('aria-hidden', 'true');
  return made;
}

$('login').addEventListener('submit', event => {
  event.preventDefault();
  const name = $('name').value.trim();
  if (!name) return;
  try { localStorage.setItem('roomcast.name', name); } catch { /* private mode: not remembered */ }
  start(name);
});
try { $('name').value = localStorage.getItem('roomcast.name') ?? ''; } catch { /* private mode */ }

function start(name) {
  $('login').hidden = true;
  $('app').hidden = false;
  DEFAULT_ROOMS.forEach(room);
  chat = new Roomcast({ name });
  chat.on('state', state => {
    $('state').dataset.state = state === 'offline' ? 'connecting' : state;
    $('state').textContent = { online: 'connected', closed: 'disconnected' }[state] ?? 'connecting';
    $('banner').hidden = state === 'online' || !me;
    $('banner').textContent = state === 'closed'
      ? 'Disconnected. Reload the page to come back.' : 'Connection lost. Reconnecting…';
  });
  chat.on('welcome', frame => {
    me = frame.user;
    if (!room('general').joined) join('general');
    refresh();
  });
  chat.on('joined', joined);
  chat.on('message', frame => { received(frame); });
  chat.on('event', frame => { if (frame.offset) received(frame); });
  chat.on('gap', frame => { room(frame.room).messages = []; draw(); });
  chat.on('left', frame => { room(frame.room).joined = false; show('general'); });
  chat.on('presence', frame => {
    const at = room(frame.room);
    (frame.joined ?? []).forEach(user => at.members.set(user.id, user));
    (frame.left ?? []).forEach(user => at.members.delete(user.id));
    at.count = frame.count;
    drawSide();
    drawMembers();
  });
  chat.on('typing', frame => {
    const at = room(frame.room);
    clearTimeout(at.typing.get(frame.user.id)?.timer);
    at.typing.delete(frame.user.id);
    if (frame.active && frame.user.id !== me.id) {
      const timer = setTimeout(() => { at.typing.delete(frame.user.id); drawTyping(); }, 7000);
      at.typing.set(frame.user.id, { name: frame.user.name, timer });
    }
    drawTyping();
  });
  chat.connect();
  show('general');
  setInterval(refresh, 5000);
  $('text').focus();
}

async function join(name) {
  try {
    await chat.join(name);
  } catch (error) {
    note(error.message);
  }
}

function joined(frame) {
  const at = room(frame.room);
  if (frame.recovered !== true) {
    at.messages = [];
    at.more = frame.history.length > 0;
  }
  at.joined = true;
  at.members = new Map(frame.members.map(user => [user.id, user]));
  at.count = frame.count;
  frame.history.forEach(message => add(at, message));
  draw();
}

function add(at, frame) {
  if (frame.type !== 'message' && frame.type !== 'event') return;
  at.pending = at.pending.filter(p => !(frame.user?.id === me.id && p.key === frame.key));
  at.messages.push(frame);
  if (at.messages.length > MAX_SHOWN) at.messages.splice(0, at.messages.length - MAX_SHOWN);
}

function received(frame) {
  const at = room(frame.room);
  add(at, frame);
  if (frame.user) {
    clearTimeout(at.typing.get(frame.user.id)?.timer);
    at.typing.delete(frame.user.id);
  }
  if (frame.room !== current || document.hidden) at.unread++;
  draw();
}

function show(name) {
  current = name;
  const at = room(name);
  at.unread = 0;
  if (!at.joined && chat.state === 'online') join(name);
  $('side').classList.remove('open');
  $('menu').setAttribute('aria-expanded', 'false');
  draw(true);
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden && chat) { room(current).unread = 0; draw(); }
});

function draw(toEnd = false) {
  drawSide();
  drawMembers();
  drawTyping();
  $('title').textContent = '# ' + current;
  $('leave').hidden = current === 'general';
  const log = $('log');
  const atEnd = toEnd || log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  const fromEnd = log.scrollHeight - log.scrollTop;
  const at = room(current);
  const lines = [];
  let day = '';
  for (const message of at.messages) {
    const date = new Date(message.ts).toLocaleDateString(undefined,
      { weekday: 'long', day: 'numeric', month: 'long' });
    if (date !== day) lines.push(element('li', 'day', date));
    day = date;
    lines.push(message.type === 'event'
      ? element('li', 'note', message.name + ' ' + JSON.stringify(message.data)) : line(message));
  }
  at.pending.forEach(message => lines.push(line(message)));
  at.notes.forEach(text => lines.push(element('li', 'note', text)));
  if (!lines.length) lines.push(element('li', 'note', 'Nothing has been said here yet.'));
  log.replaceChildren(...lines);
  log.scrollTop = atEnd ? log.scrollHeight : log.scrollHeight - fromEnd;
}

function line(message) {
  const made = element('li', 'message' + (message.kind === 'action' ? ' action' : '')
    + (message.state ? ' ' + message.state : ''));
  made.dataset.testid = 'message';
  if (message.offset) made.dataset.offset = message.offset;
  const right = element('div');
  const who = element('div', 'who', message.user.name);
  if (message.user.id === me.id) who.append(' ', element('i', '', '(you)'));
  const time = element('time', '', new Date(message.ts).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }));
  time.dateTime = new Date(message.ts).toISOString();
  who.append(time);
  const body = element('div', 'body');
  if (message.kind === 'action') body.append('* ' + message.user.name + ' ');
  body.append(...linked(message.text));
  if (message.state === 'failed') {
    const again = element('button', '', 'Send again');
    again.addEventListener('click', () => {
      room(message.room).pending = room(message.room).pending.filter(p => p !== message);
      say(message.text, message.kind, message.key);
    });
    body.append(again);
  }
  right.append(who, body);
  made.append(avatar(message.user), right);
  return made;
}

function linked(text) {
  return text.split(/(https?:\/\/[^\s<>"']+)/).map((part, i) => {
    if (i % 2 === 0) return document.createTextNode(part);
    const link = element('a', '', part);
    link.href = part;
    link.rel = 'noopener noreferrer';
    link.target = '_blank';
    return link;
  });
}

function drawSide() {
  const items = [...rooms].map(([name, at]) => {
    const item = element('li');
    const button = element('button');
    button.dataset.testid = 'room-item';
    button.dataset.room = name;
    button.append(element('span', '', '# ' + name));
    if (at.unread) button.append(element('span', 'unread', at.unread));
    button.append(element('span', 'count', at.count || ''));
    if (name === current) button.setAttribute('aria-current', 'true');
    button.addEventListener('click', () => show(name));
    item.append(button);
    return item;
  });
  const focused = document.activeElement?.dataset?.room;
  $('rooms').replaceChildren(...items);
  if (focused) $('rooms').querySelector(`[data-room="${CSS.escape(focused)}"]`)?.focus();
  const unread = [...rooms.values()].reduce((sum, at) => sum + at.unread, 0);
  document.title = (unread ? `(${unread}) ` : '') + 'Roomcast';
}

function drawMembers() {
  const at = room(current);
  $('count').textContent = at.count || '';
  $('members').replaceChildren(...[...at.members.values()].map(user => {
    const item = element('li');
    item.dataset.testid = 'member';
    item.append(avatar(user), element('span', '', user.name + (user.id === me?.id ? ' (you)' : '')));
    return item;
  }));
}

function drawTyping() {
  const names = [...room(current).typing.values()].map(t => t.name);
  $('typing').textContent = names.length === 0 ? ''
    : names.length === 1 ? names[0] + ' is typing…'
    : names.length <= 3 ? names.slice(0, -1).join(', ') + ' and ' + names.at(-1) + ' are typing…'
    : 'Several people are typing…';
}

function note(text) {
  const at = room(current);
  at.notes = [...at.notes, text].slice(-20);
  draw(true);
}

function say(text, kind = 'text', key = crypto.randomUUID()) {
  const at = room(current);
  const message = { room: current, text, kind, key, ts: Date.now(), user: me, state: 'pending' };
  at.pending.push(message);
  draw(true);
  chat.send(current, text, { kind, key }).catch(error => {
    message.state = 'failed';
    note(error.message);
  });
}

const COMMANDS = {
  help: () => note('/rooms  the rooms there are\n/users  who is here\n/join ROOM  go to a room\n'
    + '/leave  leave this room\n/me TEXT  say what you do'),
  rooms: async () => note((await chat.listRooms()).rooms.map(r => `# ${r.room} (${r.count})`).join('\n')),
  users: async () => note((await chat.members(current)).members.map(u => u.name).join(', ')),
  join: name => name ? show(name) : note('/join ROOM: which room?'),
  leave: () => leave(),
  me: text => text ? say(text, 'action') : note('/me TEXT: what do you do?'),
};

async function leave() {
  if (current === 'general') return note('general is never left.');
  const name = current;
  if (!DEFAULT_ROOMS.includes(name)) rooms.delete(name);
  else room(name).joined = false;
  await chat.leave(name).catch(error => note(error.message));
  show('general');
}

$('compose').addEventListener('submit', event => {
  event.preventDefault();
  const text = $('text').value.trim();
  if (!text || !me) return;
  $('text').value = '';
  typingSince = 0;
  const command = /^\/(\S*)\s*([\s\S]*)$/.exec(text);
  if (!command) return say(text);
  const run = COMMANDS[command[1].toLowerCase()];
  if (!run) return note(`There is no /${command[1]}. /help tells what there is.`);
  Promise.resolve(run(command[2].trim())).catch(error => note(error.message));
});
$('text').addEventListener('keydown', event => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $('compose').requestSubmit();
  }
});
$('text').addEventListener('input', () => {
  const now = Date.now();
  if ($('text').value && now - typingSince > 3000 && !$('text').value.startsWith('/')) {
    typingSince = now;
    chat.typing(current, true);
  }
});
$('create').addEventListener('submit', event => {
  event.preventDefault();
  const name = $('new-room').value.trim();
  $('new-room').value = '';
  if (name) show(name);
});
$('leave').addEventListener('click', leave);
$('menu').addEventListener('click', () => {
  $('menu').setAttribute('aria-expanded', String($('side').classList.toggle('open')));
});
$('theme').addEventListener('click', () => {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const now = document.documentElement.dataset.theme ?? (dark ? 'dark' : 'light');
  document.documentElement.dataset.theme = now === 'dark' ? 'light' : 'dark';
});
document.addEventListener('keydown', event => {
  if (event.key === 'Escape') $('side').classList.remove('open');
  if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
    const names = [...rooms.keys()];
    const step = event.key === 'ArrowUp' ? names.length - 1 : 1;
    show(names[(names.indexOf(current) + step) % names.length]);
  }
});

let loading = false;
$('log').addEventListener('scroll', async () => {
  const at = room(current);
  if ($('log').scrollTop > 40 || loading || !at.more || !at.messages.length) return;
  loading = true;
  const name = current;
  try {
    const page = await chat.history(name, { before: at.messages[0].offset });
    at.more = page.more;
    const older = page.frames.filter(f => f.type === 'message' || f.type === 'event');
    at.messages = [...older, ...at.messages].slice(0, MAX_SHOWN);
    if (name === current && older.length) draw();
  } catch (error) {
    note(error.message);
  } finally {
    loading = false;
  }
});

function counted(n, what) {
  return n + ' ' + what + (n === 1 ? '' : 's');
}

async function refresh() {
  if (chat.state !== 'online') return;
  try {
    const [list, stats] = await Promise.all([chat.listRooms(), fetch('/api/stats').then(r => r.json())]);
    for (const info of list.rooms) room(info.room).count = info.count;
    const minutes = Math.floor(stats.uptime / 60);
    $('stats').textContent = counted(stats.users, 'user') + ' · ' + counted(list.rooms.length, 'room') + ' · up '
      + (minutes < 60 ? minutes + ' min' : Math.floor(minutes / 60) + ' h');
    drawSide();
  } catch {
    $('stats').textContent = ''; // the connection's own state tells what is wrong
  }
}
