// Tests of the browser client against a fake WebSocket and fake timers: node --test, no packages.
import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { Roomcast, conversationOf } from '../../main/resources/dev/roomcast/tyrus/roomcast.js';

let sockets;
let chat;

class FakeWebSocket {
  readyState = 0;
  sent = [];
  closedWith = null;

  constructor(url, protocols) {
    this.url = url;
    this.protocols = protocols;
    sockets.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close(code) {
    this.closedWith = code;
    this.readyState = 2;
  }

  say(frame) {
    this.onmessage({ data: JSON.stringify(frame) });
  }

  lose(code = 1006) {
    this.readyState = 3;
    this.onclose({ code });
  }

  of(type) {
    return this.sent.filter(frame => frame.type === type);
  }

  /** Answers the newest command of the type. */
  reply(type, answer) {
    const asked = this.of(type).at(-1);
    assert.ok(asked, 'nothing of type ' + type + ' was sent');
    this.say({ ...answer, re: asked.id });
  }
}

/** Lets promises go on; fake timers do not touch microtasks. */
async function settle() {
  for (let i = 0; i < 10; i++) await null;
}

async function pass(ms) {
  for (let left = ms; left > 0; left -= 100) {
    mock.timers.tick(Math.min(100, left));
    await settle();
  }
}

const newest = () => sockets.at(-1);

function client(options = {}) {
  chat = new Roomcast({ url: 'http://127.0.0.1:1/chat', name: 'Ann', WebSocket: FakeWebSocket, ...options });
  return chat;
}

async function welcome({ resumed = false, rooms = [], user = 'u1', resume = 'r' + sockets.length } = {}) {
  newest().readyState = 1;
  newest().say({ type: 'welcome', v: 1, session: 's', resume, resumeTtl: 60, resumed,
    user: { id: user, name: 'Ann' }, node: 'n', time: 0, rooms, limits: {}, heartbeat: 25 });
  await settle();
}

async function online(options) {
  client(options).connect();
  await welcome();
  return newest();
}

async function joined(room, offset = 0, more = {}) {
  newest().reply('join', { type: 'joined', room, offset, epoch: 'e', history: [], members: [], count: 1, ...more });
  await settle();
}

async function inRoom(room = 'general', offset = 0) {
  const socket = await online();
  chat.join(room);
  await joined(room, offset);
  return socket;
}

function line(offset, more = {}) {
  return { type: 'message', room: 'general', offset, epoch: 'e', ts: 1, user: { id: 'u2', name: 'Bob' },
    text: 'line ' + offset, kind: 'text', ...more };
}

/** What became of a promise: `value`, `code`, or neither. */
function fate(promise) {
  const found = {};
  promise.then(value => (found.value = value), error => (found.code = error.code));
  return found;
}

async function reconnect(code = 1006) {
  const before = sockets.length;
  newest().lose(code);
  for (let i = 0; i < 300 && sockets.length === before; i++) await pass(100);
  assert.equal(sockets.length, before + 1, 'one new connection');
}

beforeEach(() => {
  sockets = [];
  chat?.close();
  mock.timers.reset();
  mock.timers.enable({ apis: ['setTimeout', 'setInterval', 'Date'], now: 1_000_000 });
});

test('connects with name, subprotocol and a token that is in no address', async () => {
  await online({ token: 'a.b-c' });
  assert.equal(newest().url.href, 'ws://127.0.0.1:1/chat?name=Ann');
  assert.deepEqual(newest().protocols, ['roomcast.v1.json', 'bearer.a.b-c']);
});

test('asks for a fresh token for every connection', async () => {
  let n = 0;
  client({ token: async () => 't' + ++n }).connect();
  await settle();
  await welcome();
  newest().lose(4001);
  await pass(1_000);
  assert.deepEqual(sockets.map(socket => socket.protocols[1]), ['bearer.t1', 'bearer.t2']);
});

test('gives a fresh token before the old one expires, by the clock of the server', async () => {
  let n = 0;
  client({ token: () => 't' + ++n }).connect();
  await settle();
  newest().readyState = 1;
  newest().say({ type: 'welcome', v: 1, session: 's', resume: 'r', resumeTtl: 60, resumed: false, heartbeat: 25,
    user: { id: 'u1', name: 'Ann' }, node: 'n', time: 5_000, rooms: [], limits: {}, expires: 5_000 + 300_000 });
  const alive = setInterval(() => newest().say({ type: 'pong' }), 5_000);
  await pass(239_000);
  assert.equal(newest().of('auth').length, 0);
  await pass(2_000);
  assert.deepEqual(newest().of('auth').map(frame => frame.token), ['t2']);
  newest().reply('auth', { type: 'authenticated', expires: 5_000 + 600_000 });
  await pass(300_000);
  assert.deepEqual(newest().of('auth').map(frame => frame.token), ['t2', 't3']);
  clearInterval(alive);
});

test('events and messages can be asked for before connect', async () => {
  client();
  const events = chat.events('message', 'state');
  const first = events.next();
  const sent = fate(chat.send('general', 'early'));
  const came = fate(chat.join('general'));
  chat.connect();
  assert.equal((await first).value, 'connecting');
  await welcome();
  assert.equal(newest().of('message').length, 0, 'not before the room is joined');
  await joined('general');
  assert.equal(came.value.room, 'general');
  newest().reply('message', { type: 'ack', offset: 1, epoch: 'e', ts: 1 });
  await settle();
  assert.equal(sent.value.offset, 1);
  assert.equal((await events.next()).value, 'online');
  chat.close();
  assert.equal((await events.next()).value, 'closed');
  assert.equal((await events.next()).done, true);
});

test('delivers each frame once and joins again from the place after the last one', async () => {
  const socket = await inRoom('general', 3);
  const seen = [];
  chat.on('message', frame => seen.push(frame.offset));
  [4, 5, 5, 4].forEach(offset => socket.say(line(offset)));
  assert.deepEqual(seen, [4, 5]);
  await reconnect();
  assert.equal(newest().url.searchParams.get('resume'), 'r1');
  await welcome({ resumed: true, rooms: ['general'] });
  assert.deepEqual(newest().of('join').at(-1).since, { offset: 5, epoch: 'e' });
  await joined('general', 7, { recovered: true, history: [line(6), line(7)] });
  newest().say(line(7));
  newest().say(line(8));
  assert.deepEqual(seen, [4, 5, 8], 'history of joined counts as handled');
});

test('what came live while a claim was on its way is not in its history too', async () => {
  const socket = await inRoom('general', 3);
  let history;
  chat.on('joined', frame => (history = frame.history.map(missed => missed.offset)));
  chat.join('general');
  socket.say(line(4));
  await joined('general', 5, { recovered: true, history: [line(4), line(5)] });
  assert.deepEqual(history, [5]);
});

test('a gap moves the position, also to another epoch', async () => {
  const socket = await inRoom('general', 9);
  const seen = [];
  chat.on('message', frame => seen.push(frame.epoch + frame.offset));
  socket.say({ type: 'gap', room: 'general', offset: 2, epoch: 'f', from: 1 });
  socket.say(line(2, { epoch: 'f' }));
  socket.say(line(3, { epoch: 'f' }));
  assert.deepEqual(seen, ['f3']);
  await reconnect();
  await welcome();
  assert.deepEqual(newest().of('join').at(-1).since, { offset: 3, epoch: 'f' });
});

test('without recovery the newest history replaces the position', async () => {
  await inRoom('general', 3);
  await reconnect();
  await welcome();
  await joined('general', 90, { recovered: false, epoch: 'g', history: [line(90, { epoch: 'g' })] });
  await reconnect();
  await welcome();
  assert.deepEqual(newest().of('join').at(-1).since, { offset: 90, epoch: 'g' });
});

test('frames of rooms that were left are not delivered, and the left of an old leave ends nothing', async () => {
  const socket = await inRoom();
  const seen = [];
  chat.on('message', frame => seen.push(frame.offset));
  chat.leave('general');
  chat.join('general');
  socket.say(line(1));
  socket.reply('leave', { type: 'left', room: 'general', reason: 'left' });
  await joined('general', 1);
  socket.say(line(2));
  assert.deepEqual(seen, [2]);
  assert.deepEqual(chat.rooms, ['general']);
});

test('a room that was left while away is left when the session is resumed', async () => {
  await inRoom();
  newest().lose();
  await chat.leave('general');
  await pass(1_000);
  await welcome({ resumed: true, rooms: ['general'] });
  assert.deepEqual(newest().sent.map(({ type, room }) => [type, room]), [['leave', 'general']]);
});

test('a room from which the server removed us is not joined again', async () => {
  const socket = await inRoom();
  socket.say({ type: 'left', room: 'general', reason: 'kicked' });
  await reconnect();
  await welcome();
  assert.equal(newest().of('join').length, 0);
});

test('a claim that is refused for good ends the room, one that is not is made again', async () => {
  await inRoom();
  const left = [];
  chat.on('left', frame => left.push(frame.reason));
  await reconnect();
  await welcome();
  newest().reply('join', { type: 'error', code: 'unavailable', message: '', retryAfter: 3_000 });
  await pass(2_900);
  assert.equal(newest().of('join').length, 1);
  await pass(200);
  assert.equal(newest().of('join').length, 2);
  const sent = fate(chat.send('general', 'x'));
  newest().reply('join', { type: 'error', code: 'banned', message: '' });
  await settle();
  assert.deepEqual(left, ['banned']);
  newest().reply('message', { type: 'error', code: 'not_in_room', message: '' });
  await settle();
  assert.equal(sent.code, 'not_in_room');
});

test('join is rejected when the server refuses it', async () => {
  await online();
  const came = fate(chat.join('secret'));
  newest().reply('join', { type: 'error', code: 'forbidden', message: 'no' });
  await settle();
  assert.equal(came.code, 'forbidden');
  assert.deepEqual(chat.rooms, []);
});

test('messages without an ack go out again after a reconnect, in order and with their keys', async () => {
  const socket = await inRoom();
  const fates = ['a', 'b', 'c'].map(text => fate(chat.send('general', text)));
  assert.equal(socket.of('message').length, 1, 'one at a time');
  const { key } = socket.of('message')[0];
  await reconnect();
  fates.push(fate(chat.send('general', 'd')));
  await welcome({ resumed: true, rooms: ['general'] });
  assert.equal(newest().of('message').length, 0, 'not before the room is claimed');
  await joined('general', 0, { recovered: true });
  for (const offset of [1, 2, 3, 4]) {
    newest().reply('message', { type: 'ack', offset, epoch: 'e', ts: 1 });
    await settle();
  }
  const again = newest().of('message');
  assert.deepEqual(again.map(frame => frame.text), ['a', 'b', 'c', 'd']);
  assert.equal(again[0].key, key);
  assert.deepEqual(fates.map(f => f.value?.offset), [1, 2, 3, 4]);
});

test('a message whose ack was lost is settled by its key, live or in recovered history', async () => {
  const socket = await inRoom();
  const first = fate(chat.send('general', 'a'));
  const second = fate(chat.send('general', 'b'));
  const [a] = socket.of('message');
  socket.say(line(1, { user: { id: 'u1', name: 'Ann' }, key: a.key, text: 'a' }));
  await settle();
  assert.equal(first.value.offset, 1);
  const b = socket.of('message')[1];
  assert.equal(b.text, 'b', 'the next one goes at once');
  await reconnect();
  await welcome({ user: 'u1-new' });
  await joined('general', 2, { recovered: true,
    history: [line(2, { user: { id: 'u1', name: 'Ann' }, key: b.key, text: 'b' })] });
  assert.equal(second.value.offset, 2);
  assert.equal(newest().of('message').length, 0, 'nothing is sent twice');
});

test('the key of somebody else settles nothing', async () => {
  const socket = await inRoom();
  const mine = fate(chat.send('general', 'a'));
  socket.say(line(1, { key: socket.of('message')[0].key }));
  await settle();
  assert.deepEqual(mine, {});
});

for (const code of ['rate_limited', 'unavailable']) {
  test(`what is refused with ${code} is sent again after retryAfter, and keeps its place`, async () => {
    const socket = await inRoom();
    const fates = ['a', 'b'].map(text => fate(chat.send('general', text)));
    const other = fate(chat.send('elsewhere', 'not held up'));
    assert.equal(socket.of('message').length, 2);
    socket.say({ type: 'error', re: socket.of('message')[0].id, code, message: '', retryAfter: 4_000 });
    await pass(3_900);
    assert.equal(socket.of('message').length, 2);
    await pass(200);
    const [a, , again] = socket.of('message');
    assert.deepEqual([again.text, again.key], ['a', a.key]);
    socket.reply('message', { type: 'ack', offset: 1, epoch: 'e', ts: 1 });
    await settle();
    assert.equal(socket.of('message')[3].text, 'b');
    assert.deepEqual(fates.map(f => f.value?.offset), [1, undefined]);
    assert.deepEqual(other, {});
  });
}

test('what may be said after a long wait only is refused, and the next goes on', async () => {
  const socket = await inRoom();
  const fates = ['a', 'b'].map(text => fate(chat.send('general', text)));
  const re = socket.of('message')[0].id;
  socket.say({ type: 'error', re, code: 'rate_limited', message: 'slow', retryAfter: 60_000 });
  await settle();
  assert.equal(fates[0].code, 'rate_limited');
  assert.equal(socket.of('message')[1].text, 'b');
});

test('a message without an answer is sent again, never twice at a time, and not after its key has expired', async () => {
  const socket = await inRoom();
  const sent = fate(chat.send('general', 'a'));
  const alive = setInterval(() => socket.say({ type: 'pong' }), 5_000);
  await pass(14_900);
  assert.equal(socket.of('message').length, 1);
  await pass(2_000);
  assert.equal(socket.of('message').length, 2);
  assert.equal(new Set(socket.of('message').map(frame => frame.key)).size, 1);
  assert.deepEqual(sent, {});
  await pass(11 * 60_000);
  assert.equal(sent.code, 'timeout');
  clearInterval(alive);
});

test('a message that is refused for good fails, and the next one goes', async () => {
  const socket = await inRoom();
  const [bad, good] = ['bad', 'good'].map(text => fate(chat.send('general', text)));
  socket.reply('message', { type: 'error', code: 'muted', message: '' });
  await settle();
  assert.equal(bad.code, 'muted');
  assert.equal(socket.of('message')[1].text, 'good');
  assert.deepEqual(good, {});
});

test('the outbox is bounded', async () => {
  client({ maxUnsent: 2 });
  const fates = ['a', 'b', 'c'].map(text => fate(chat.send('general', text)));
  await settle();
  assert.deepEqual(fates.map(f => f.code), [undefined, undefined, 'full']);
});

for (const code of [1000, 1001, 1006, 1011, 4001, 4008, 4013]) {
  test(`comes back after close code ${code}`, async () => {
    await online();
    newest().lose(code);
    assert.equal(chat.state, 'offline');
    await pass(1_000);
    assert.equal(sockets.length, 2);
  });
}

for (const code of [1003, 1007, 1008, 1009, 4003, 4009]) {
  test(`stays away after close code ${code}, and rejects what waits`, async () => {
    await inRoom();
    const sent = fate(chat.send('general', 'a'));
    newest().lose(code);
    await pass(60_000);
    assert.equal(chat.state, 'closed');
    assert.equal(sockets.length, 1);
    assert.equal(sent.code, 'closed');
    assert.equal((fate(chat.send('general', 'b')), await settle(), chat.state), 'closed');
    chat.connect();
    assert.equal(sockets.length, 2);
    assert.equal(newest().url.searchParams.get('resume'), null);
  });
}

test('comes back when the server said', async () => {
  await online();
  newest().say({ type: 'closing', reconnectAfter: 7_000, reason: 'drain' });
  newest().lose(1001);
  await pass(6_900);
  assert.equal(sockets.length, 1);
  await pass(200);
  assert.equal(sockets.length, 2);
});

test('attempts become rarer up to the most, and are spread', async () => {
  const random = mock.method(Math, 'random', () => 1);
  client().connect();
  const waits = [];
  for (let i = 0; i < 8; i++) {
    const before = sockets.length;
    newest().lose();
    let waited = 0;
    while (sockets.length === before) {
      await pass(100);
      waited += 100;
    }
    waits.push(waited);
  }
  random.mock.restore();
  assert.deepEqual(waits, [600, 1_100, 2_100, 4_100, 8_100, 16_100, 20_100, 20_100]);
});

test('after a connection that lived, attempts begin anew', async () => {
  const random = mock.method(Math, 'random', () => 1);
  await online();
  for (let i = 0; i < 5; i++) await reconnect();
  await welcome();
  await pass(10_100);
  newest().lose();
  const before = sockets.length;
  await pass(700);
  random.mock.restore();
  assert.equal(sockets.length, before + 1);
});

test('a connection that gets no welcome is given up', async () => {
  client().connect();
  await pass(15_000);
  assert.equal(chat.state, 'offline');
  assert.equal(newest().closedWith, 4008);
});

test('asks for a sign of life after 25 s and gives up after 35 s, not later', async () => {
  const socket = await online();
  await pass(25_000);
  assert.equal(socket.of('ping').length, 1);
  socket.say({ type: 'pong' });
  await pass(34_000);
  assert.equal(chat.state, 'online');
  await pass(1_000);
  assert.equal(chat.state, 'offline');
  assert.equal(socket.closedWith, 4008);
});

test('connect while online finds out at once whether the link is dead', async () => {
  const socket = await online();
  chat.connect();
  assert.equal(socket.of('ping').length, 1);
  socket.say({ type: 'pong' });
  await pass(6_000);
  assert.equal(chat.state, 'online');
  chat.connect();
  await pass(6_000);
  assert.notEqual(newest(), socket);
});

for (const event of ['visibilitychange', 'online', 'pageshow']) {
  test(`on ${event} a half-open link is found within 5 s, and a wait for the next attempt ends`, async () => {
    const page = new EventTarget();
    page.hidden = false;
    const { document, addEventListener } = globalThis;
    globalThis.document = page;
    globalThis.addEventListener = page.addEventListener.bind(page);
    try {
      const socket = await online();
      page.dispatchEvent(new Event(event));
      assert.equal(socket.of('ping').length, 1, 'asked at once');
      page.dispatchEvent(new Event(event));
      assert.equal(socket.of('ping').length, 1, 'asked once');
      await pass(4_900);
      assert.equal(chat.state, 'online');
      await pass(200);
      assert.equal(chat.state, 'offline');
      assert.equal(socket.closedWith, 4008);
      page.dispatchEvent(new Event(event));
      assert.equal(sockets.length, 2, 'tried at once');
      await welcome();
      page.hidden = true;
      page.dispatchEvent(new Event('visibilitychange'));
      assert.equal(newest().of('ping').length, 0, 'a page that is hidden asks nothing');
      chat.close();
      page.hidden = false;
      page.dispatchEvent(new Event(event));
      assert.equal(sockets.length, 2, 'a client that was closed listens to nothing');
    } finally {
      Object.assign(globalThis, { document, addEventListener });
    }
  });
}

test('a pong or any frame in time keeps the link', async () => {
  const socket = await online();
  for (let i = 0; i < 5; i++) {
    await pass(30_000);
    assert.equal(socket.of('ping').length, i + 1);
    socket.say({ type: 'pong' });
  }
  assert.equal(chat.state, 'online');
});

test('after closing it comes back when told, resumes, and sends again what had no answer', async () => {
  const socket = await inRoom();
  const sent = fate(chat.send('general', 'unanswered'));
  await settle();
  const first = socket.of('message')[0];
  socket.say({ type: 'closing', reconnectAfter: 20, reason: 'server going away' });
  socket.lose(1001);
  await pass(100);
  assert.equal(sockets.length, 2);
  assert.equal(newest().url.searchParams.get('resume'), 'r1');
  await welcome({ resumed: true, rooms: ['general'] });
  await joined('general', 0, { recovered: true });
  assert.equal(newest().of('message')[0].key, first.key);
  newest().reply('message', { type: 'ack', offset: 1, epoch: 'e', ts: 1 });
  await settle();
  assert.equal(sent.value.offset, 1);
});

test('connect while waiting tries at once', async () => {
  await online();
  newest().lose(1006);
  chat.connect();
  assert.equal(sockets.length, 2);
});

test('an old connection that speaks again is not listened to', async () => {
  const socket = await inRoom();
  const seen = [];
  chat.on('message', frame => seen.push(frame.offset));
  await pass(40_000);
  socket.say(line(1));
  socket.lose(1006);
  assert.deepEqual(seen, []);
  assert.equal(sockets.length, 2);
});

test('the resume secret is forgotten when it has expired', async () => {
  await online();
  newest().lose();
  while (Date.now() < 1_000_000 + 61_000) await reconnect();
  await reconnect();
  assert.equal(newest().url.searchParams.get('resume'), null);
});

test('close says goodbye with 1000 and stays away', async () => {
  const socket = await inRoom();
  const sent = fate(chat.send('general', 'a'));
  chat.close();
  await pass(60_000);
  assert.equal(socket.closedWith, 1000);
  assert.equal(sockets.length, 1);
  assert.equal(sent.code, 'closed');
});

test('what is asked is rejected when the connection goes', async () => {
  await online();
  const asked = fate(chat.listRooms());
  newest().lose();
  await settle();
  assert.equal(asked.code, 'offline');
});

test('unknown frames are events too, and ephemeral events have no position', async () => {
  const socket = await inRoom('general', 1);
  const seen = [];
  chat.on('weather', frame => seen.push(frame.type));
  chat.on('event', frame => seen.push(frame.name));
  socket.say({ type: 'weather' });
  socket.say({ type: 'event', room: 'general', name: 'wave', data: 1, ts: 1 });
  socket.say({ type: 'event', room: 'general', name: 'logged', data: 1, ts: 1, offset: 2, epoch: 'e' });
  assert.deepEqual(seen, ['weather', 'wave', 'logged']);
});

test('a reader of events that does not read is told', async () => {
  const socket = await inRoom();
  const events = chat.events('pong');
  for (let i = 0; i < 10_002; i++) socket.say({ type: 'pong' });
  for (let i = 0; i < 10_001; i++) await events.next();
  await assert.rejects(events.next(), { code: 'too_slow' });
});

test('changes of messages wait their turn behind messages, and go out again after a reconnect', async () => {
  const socket = await inRoom();
  const fates = [chat.send('general', 'a'), chat.edit('general', 1, 'b'), chat.react('general', 1, '👍'),
    chat.delete('general', 1)].map(fate);
  assert.equal(socket.of('edit').length, 0);
  socket.reply('message', { type: 'ack', offset: 1, epoch: 'e', ts: 1 });
  await settle();
  assert.deepEqual(socket.of('edit').map(({ room, target, text }) => [room, target, text]), [['general', 1, 'b']]);
  await reconnect();
  await welcome({ resumed: true, rooms: ['general'] });
  await joined('general', 1, { recovered: true });
  for (const type of ['edit', 'react', 'delete']) {
    newest().reply(type, { type: 'ack', ts: 1 });
    await settle();
  }
  assert.deepEqual(newest().of('react').map(({ emoji, on }) => [emoji, on]), [['👍', true]]);
  assert.ok(fates.every(({ value }) => value), 'all have their answer');
});

test('a direct message is settled by its key, in whichever room the conversation is', async () => {
  const socket = await online();
  const sent = fate(chat.direct('u2', 'hi'));
  const other = fate(chat.direct('u3', 'not held up'));
  const [{ key, to, text }, second] = socket.of('direct');
  assert.deepEqual([to, text, second.to], ['u2', 'hi', 'u3']);
  const seen = [];
  for (const type of ['direct', 'react']) chat.on(type, frame => seen.push(frame.type + frame.offset));
  const frame = { room: 'dm:u1:u2', epoch: 'd', ts: 1, user: { id: 'u1', name: 'Ann' } };
  socket.say({ ...frame, type: 'direct', text, key, to, offset: 1 });
  socket.say({ ...frame, type: 'react', target: 1, emoji: '👍', on: true, offset: 2 });
  await settle();
  assert.deepEqual([sent.value.room, sent.value.offset], ['dm:u1:u2', 1]);
  assert.deepEqual(other, {});
  assert.deepEqual(seen, ['direct1', 'react2'], 'conversations need no join');
});

test('conversations are named as the server names them', () => {
  assert.equal(conversationOf('u7', 'u42'), 'dm:u42:u7');
  assert.equal(conversationOf('u4', 'u42'), 'dm:u4:u42');
  assert.equal(conversationOf('a:b', '50%'), 'dm:50%25:a%3Ab');
  assert.equal(conversationOf('me', 'me'), 'dm:me:me');
  assert.equal(conversationOf('\u{1F600}', '\uFF5E'), 'dm:\uFF5E:\u{1F600}', 'by the bytes of UTF-8');
});

test('what is asked of rooms and users is sent as the protocol says', async () => {
  const socket = await online();
  const asked = [
    [() => chat.create('plans', { private: true, title: 'Plans' }), { type: 'create', room: 'plans', private: true, title: 'Plans' }],
    [() => chat.configure('plans', { title: '' }), { type: 'configure', room: 'plans', title: '' }],
    [() => chat.destroy('plans'), { type: 'destroy', room: 'plans' }],
    [() => chat.invite('plans', 'u2'), { type: 'invite', room: 'plans', user: 'u2' }],
    [() => chat.invite('plans', 'u2', false), { type: 'uninvite', room: 'plans', user: 'u2' }],
    [() => chat.appoint('plans', 'u2'), { type: 'appoint', room: 'plans', user: 'u2' }],
    [() => chat.appoint('plans', 'u2', false), { type: 'dismiss', room: 'plans', user: 'u2' }],
    [() => chat.kick('plans', 'u2', 'loud'), { type: 'kick', room: 'plans', user: 'u2', reason: 'loud' }],
    [() => chat.mute('plans', 'u2', { seconds: 5 }), { type: 'mute', room: 'plans', user: 'u2', seconds: 5 }],
    [() => chat.unmute('plans', 'u2'), { type: 'unmute', room: 'plans', user: 'u2' }],
    [() => chat.ban('plans', 'u2', { reason: 'spam' }), { type: 'ban', room: 'plans', user: 'u2', reason: 'spam' }],
    [() => chat.unban('plans', 'u2'), { type: 'unban', room: 'plans', user: 'u2' }],
    [() => chat.block('u2'), { type: 'block', user: 'u2' }],
    [() => chat.block('u2', false), { type: 'unblock', user: 'u2' }],
    [() => chat.conversations({ limit: 5 }), { type: 'conversations', limit: 5 }],
  ];
  for (const [ask, frame] of asked) {
    const answer = fate(ask());
    const { id, ...sent } = socket.sent.at(-1);
    assert.deepEqual(sent, frame);
    socket.say({ type: 'error', re: id, code: 'forbidden', message: 'no' });
    await settle();
    assert.equal(answer.code, 'forbidden');
  }
  chat.read('general', 7);
  assert.deepEqual(socket.sent.at(-1), { type: 'read', room: 'general', offset: 7 });
});
