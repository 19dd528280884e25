// Speaks the protocol with a running server: node check.mjs ws://127.0.0.1:5000/chat
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Peer, Refused } from './peer.mjs';

const base = process.argv[2] ?? 'ws://127.0.0.1:5000/chat';
const http = new URL(base.replace(/^ws/, 'http')).origin;
const peers = [];
const tests = [];

const test = (name, run) => tests.push({ name, run });

async function connect(options) {
  const peer = await Peer.connect(base, options);
  peers.push(peer);
  return peer;
}

/** Some peers, each joined to a new room. */
async function roomWith(...names) {
  const room = `node-${randomUUID()}`;
  const all = [];
  for (const name of names) {
    const peer = await connect({ name });
    const joined = await peer.ask({ type: 'join', room });
    assert.equal(joined.type, 'joined', joined.raw);
    all.push(peer);
  }
  return [room, ...all];
}

/** Waits until one peer was told of another: who comes and goes within one interval is not told. */
const seen = (peer, other) =>
  peer.next((f) => f.type === 'presence' && f.joined?.some((user) => user.id === other.id));

async function message(peer, room, text, more = {}) {
  const ack = await peer.ask({ type: 'message', room, text, ...more });
  assert.equal(ack.type, 'ack', ack.raw);
  return ack;
}

async function refused(options, status) {
  try {
    await connect(options);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    assert.equal(error.status, status, error.message);
    assert.match(String(error.headers['content-type']), /^application\/problem\+json/);
    assert.equal(JSON.parse(error.body).status, status);
    return error;
  }
  assert.fail(`connected, but ${status} was expected`);
}

async function get(path, status = 200) {
  const response = await fetch(http + path);
  assert.equal(response.status, status, path);
  const type = status === 200 ? 'application/json' : 'application/problem+json';
  assert.ok(response.headers.get('content-type').startsWith(type), response.headers.get('content-type'));
  return response.json();
}

const textsOf = (frames) => frames.map((frame) => frame.text);
const plain = (frame) => JSON.parse(JSON.stringify(frame));
const keysOf = (frame) => Object.keys(frame).sort();
const hasExactly = (frame, ...fields) => assert.deepEqual(keysOf(frame), ['type', ...fields].sort(), frame.raw);

// ---- connection

test('welcome has all that the protocol lists', async () => {
  const { welcome } = await connect({ name: 'Ann' });
  hasExactly(welcome, 'v', 'session', 'resume', 'resumeTtl', 'resumed', 'user', 'node', 'time', 'rooms',
    'limits', 'heartbeat');
  assert.equal(welcome.v, 1);
  assert.equal(welcome.resumed, false);
  assert.deepEqual(welcome.rooms, []);
  assert.deepEqual(keysOf(welcome.user), ['id', 'name']);
  assert.equal(welcome.user.name, 'Ann');
  assert.equal(typeof welcome.session, 'string');
  assert.ok(Math.abs(welcome.time - Date.now()) < 60_000);
  assert.ok(welcome.resumeTtl > 0 && welcome.heartbeat > 0);
  assert.ok(!welcome.resume.includes(welcome.user.id), 'the secret must not be guessable');
});

test('two guests of one name are two users', async () => {
  const [one, two] = [await connect({ name: 'Twin' }), await connect({ name: 'Twin' })];
  assert.notEqual(one.id, two.id);
  assert.equal(one.welcome.user.name, two.welcome.user.name);
});

test('the subprotocol is echoed when it is offered, and only then', async () => {
  assert.equal((await connect({ protocols: ['roomcast.v1.json'] })).subprotocol, 'roomcast.v1.json');
  assert.equal((await connect()).subprotocol, '');
});

test('a bearer subprotocol is never echoed', async () => {
  assert.equal((await connect({ protocols: ['bearer.secret', 'roomcast.v1.json'] })).subprotocol, 'roomcast.v1.json');
});

test('/chat/{room} joins as part of connecting, percent signs and slashes included', async () => {
  for (const room of [`node-${randomUUID()}`, `a/b ü%${randomUUID()}`]) {
    const peer = await connect({ path: `/${encodeURIComponent(room)}` });
    const joined = await peer.type('joined');
    assert.equal(joined.room, room);
    assert.equal('re' in joined, false);
  }
});

test('no name is 401, a foreign origin 403, a bad room name 400, before the upgrade', async () => {
  await refused({ name: null }, 401);
  await refused({ name: '  ' }, 401);
  await refused({ headers: { Origin: 'https://evil.example' } }, 403);
  await refused({ path: `/${'x'.repeat(129)}` }, 400);
  await refused({ path: '/a%07b' }, 400);
});

test('the page\'s own origin may connect', async () => {
  await connect({ headers: { Origin: http } });
});

// ---- rooms

test('join: joined with position, history, members and count', async () => {
  const [room, ann] = await roomWith('Ann');
  const bob = await connect({ name: 'Bob' });
  const joined = await bob.ask({ type: 'join', room });
  hasExactly(joined, 're', 'room', 'offset', 'epoch', 'history', 'members', 'count');
  assert.equal(joined.offset, 0);
  assert.deepEqual(joined.history, []);
  assert.equal(joined.count, 2);
  assert.deepEqual(joined.members.map((user) => user.name).sort(), ['Ann', 'Bob']);
  const presence = await ann.next((f) => f.type === 'presence' && f.joined?.some((u) => u.id === bob.id));
  hasExactly(presence, 'room', 'joined', 'left', 'count');
  assert.equal(presence.count, 2);
});

test('join again gives joined again, and no second member', async () => {
  const [room, ann] = await roomWith('Ann');
  const again = await ann.ask({ type: 'join', room });
  assert.equal(again.type, 'joined');
  assert.equal(again.count, 1);
  await message(ann, room, 'once');
  await ann.settled();
  await ann.next((f) => f.type === 'message');
  assert.equal(ann.left('message').length, 0, 'the message came twice');
});

test('join gives the newest history, as many as asked for', async () => {
  const [room, ann] = await roomWith('Ann');
  for (let i = 1; i <= 55; i++) await message(ann, room, `m${i}`);
  const bob = await connect({ name: 'Bob' });
  const usual = await bob.ask({ type: 'join', room });
  assert.equal(usual.history.length, 50);
  assert.deepEqual(usual.history.map((f) => f.offset), Array.from({ length: 50 }, (_, i) => i + 6));
  assert.equal(usual.offset, 55);
  for (const history of [0, 3]) {
    const some = await (await connect()).ask({ type: 'join', room, history });
    assert.equal(some.history.length, history);
    assert.equal(some.offset, 55);
  }
});

test('leave: left with reason, others see presence, and nothing more arrives', async () => {
  const [room, ann, bob] = await roomWith('Ann', 'Bob');
  await seen(ann, bob);
  const left = await bob.ask({ type: 'leave', room });
  hasExactly(left, 're', 'room', 'reason');
  assert.equal(left.reason, 'left');
  const presence = await ann.next((f) => f.type === 'presence' && f.left?.some((u) => u.id === bob.id));
  assert.equal(presence.count, 1);
  await message(ann, room, 'alone');
  await bob.settled();
  assert.equal(bob.left('message').length, 0);
});

test('members: all of them, page by page', async () => {
  const [room, ann, bob, cid] = await roomWith('Ann', 'Bob', 'Cid');
  const all = await ann.ask({ type: 'members', room });
  hasExactly(all, 're', 'room', 'members', 'count');
  assert.deepEqual(all.members.map((u) => u.id).sort(), [ann.id, bob.id, cid.id].sort());
  const seen = [];
  let after;
  do {
    const page = await ann.ask({ type: 'members', room, limit: 1, ...(after && { after }) });
    assert.equal(page.members.length, 1);
    assert.equal(page.count, 3);
    seen.push(page.members[0].id);
    after = page.next;
  } while (after);
  assert.deepEqual(seen, all.members.map((u) => u.id));
});

test('rooms: each with count, page by page', async () => {
  const [room, ann] = await roomWith('Ann', 'Bob');
  const seen = [];
  let after;
  do {
    const page = await ann.ask({ type: 'rooms', limit: 2, ...(after && { after }) });
    assert.equal(page.type, 'rooms', page.raw);
    seen.push(...page.rooms);
    after = page.next;
  } while (after);
  const ours = seen.filter((one) => one.room === room);
  assert.deepEqual(ours, [{ room, private: false, count: 2 }]);
});

// ---- talking

test('message: ack with its position, and the same frame to all, the sender included', async () => {
  const [room, ann, bob] = await roomWith('Ann', 'Bob');
  const ack = await message(ann, room, 'hello', { key: 'k1' });
  hasExactly(ack, 're', 'offset', 'epoch', 'ts');
  const [mine, theirs] = [await ann.type('message'), await bob.type('message')];
  hasExactly(mine, 'room', 'offset', 'epoch', 'ts', 'user', 'text', 'kind', 'key');
  assert.equal(mine.raw, theirs.raw);
  assert.deepEqual(plain(mine), {
    type: 'message', room, offset: ack.offset, epoch: ack.epoch, ts: ack.ts, text: 'hello', kind: 'text', key: 'k1',
    user: { id: ann.id, name: 'Ann' },
  });
  assert.equal(ack.offset, 1);
});

test('message: action, replyTo, and a user or unknown fields of the client\'s own change nothing', async () => {
  const [room, ann] = await roomWith('Ann');
  await message(ann, room, 'one');
  await message(ann, room, 'waves', { kind: 'action', replyTo: 1, user: { id: 'root', name: 'Root' }, ts: 1, later: true });
  const frame = await ann.next((f) => f.type === 'message' && f.text === 'waves');
  assert.equal(frame.kind, 'action');
  assert.equal(frame.replyTo, 1);
  assert.equal(frame.user.id, ann.id);
  assert.ok(frame.ts > 1);
  assert.equal('later' in frame, false);
});

test('texts and names with quotes, HTML, emoji, right-to-left and NUL arrive unchanged', async () => {
  const name = '"<b>שלום</b>" 👩‍👩‍👧';
  const [room, ann, bob] = await roomWith(name, 'Bob');
  for (const text of ['"\'\\/<script>&amp;', '👩‍👩‍👧 🇩🇪 𝒳', 'שלום \u202Eabc', 'a\u0000b\u001f\u007f\u2028\u2029', '\r\n\t ']) {
    await message(ann, room, text);
    const frame = await bob.type('message');
    assert.equal(frame.text, text);
    assert.equal(frame.user.name, name);
  }
});

test('without an id a plain ack is not sent', async () => {
  const [room, ann] = await roomWith('Ann');
  ann.send({ type: 'message', room, text: 'quiet' });
  await ann.type('message');
  await ann.settled();
  assert.equal(ann.left('ack').length, 0);
});

test('an id may be a string or a number, and comes back as it was', async () => {
  const ann = await connect();
  for (const id of ['"a b"', '7', '1.50', '"7"', `"${'x'.repeat(64)}"`]) {
    ann.send(`{"type":"ping","id":${id}}`);
    const pong = await ann.type('pong');
    assert.ok(pong.raw.includes(`"re":${id}`), pong.raw);
  }
});

test('event: data keeps its digits and its order, logged and ephemeral', async () => {
  const [room, ann, bob] = await roomWith('Ann', 'Bob');
  const data = '{"z":12345678901234567890.1000,"a":[1e400,-0.0,1E+2],"é":null,"":{"b":1,"a":2}}';
  for (const ephemeral of [false, true]) {
    ann.send(`{"type":"event","id":1,"room":"${room}","name":"moved","data":${data},"ephemeral":${ephemeral}}`);
    const ack = await ann.type('ack');
    const event = await bob.type('event');
    assert.ok(event.raw.includes(`"data":${data}`), event.raw);
    hasExactly(event, 'room', 'name', 'data', 'user', 'ts', ...(ephemeral ? [] : ['offset', 'epoch']));
    assert.equal(event.name, 'moved');
    assert.equal(ack.re, 1);
    assert.equal('offset' in ack, !ephemeral);
  }
  const history = await ann.ask({ type: 'history', room });
  assert.equal(history.frames.length, 1, 'only the logged one is in the history');
  assert.ok(history.raw.includes(`"data":${data}`), history.raw);
});

test('message: data arrives as it was sent, null included', async () => {
  const [room, ann] = await roomWith('Ann');
  for (const data of ['null', '0.10', '"x"', '[]', 'false']) {
    ann.send(`{"type":"message","room":"${room}","text":"t","data":${data}}`);
    const frame = await ann.type('message');
    assert.ok(frame.raw.includes(`"data":${data}`), frame.raw);
  }
});

test('typing: shown to all, ended by hand and by a message', async () => {
  const [room, ann, bob] = await roomWith('Ann', 'Bob');
  ann.send({ type: 'typing', room, active: true });
  const typing = await bob.type('typing');
  hasExactly(typing, 'room', 'user', 'active');
  assert.equal(typing.active, true);
  assert.deepEqual(typing.user, { id: ann.id, name: 'Ann' });
  ann.send({ type: 'typing', room, active: false });
  assert.equal((await bob.type('typing')).active, false);
  ann.send({ type: 'typing', room, active: true });
  await bob.type('typing');
  await message(ann, room, 'done');
  assert.equal((await bob.type('typing')).active, false);
});

test('typing ends by itself after some seconds', async () => {
  const [room, ann, bob] = await roomWith('Ann', 'Bob');
  ann.send({ type: 'typing', room, active: true });
  assert.equal((await bob.type('typing')).active, true);
  assert.equal((await bob.type('typing')).active, false);
});

test('ping: pong with the same ts', async () => {
  const ann = await connect();
  const pong = await ann.ask({ type: 'ping', ts: 1712345678901.5 });
  hasExactly(pong, 're', 'ts');
  assert.equal(pong.ts, 1712345678901.5);
  ann.send({ type: 'ping' });
  hasExactly(await ann.type('pong'));
});

test('replies come in the order sent', async () => {
  const [room, ann] = await roomWith('Ann');
  const asked = [];
  for (let i = 0; i < 40; i++) {
    asked.push(ann.ask(i % 4 ? { type: 'message', room, text: `${i}` } : { type: i % 8 ? 'history' : 'ping', room, limit: 1 }));
  }
  const order = [];
  await Promise.all(asked.map((reply, i) => reply.then(() => order.push(i))));
  assert.deepEqual(order, [...order].sort((a, b) => a - b));
});

// ---- history

test('history pages both ways', async () => {
  const [room, ann] = await roomWith('Ann');
  for (let i = 1; i <= 7; i++) await message(ann, room, `m${i}`);
  const newest = await ann.ask({ type: 'history', room, limit: 3 });
  hasExactly(newest, 're', 'room', 'frames', 'epoch', 'top', 'more');
  assert.deepEqual(textsOf(newest.frames), ['m5', 'm6', 'm7']);
  assert.deepEqual([newest.top, newest.more], [7, true]);
  const older = await ann.ask({ type: 'history', room, before: 5, limit: 3 });
  assert.deepEqual([textsOf(older.frames), older.more], [['m2', 'm3', 'm4'], true]);
  const oldest = await ann.ask({ type: 'history', room, before: 2, limit: 3 });
  assert.deepEqual([textsOf(oldest.frames), oldest.more], [['m1'], false]);
  const forward = await ann.ask({ type: 'history', room, after: 0, limit: 4 });
  assert.deepEqual([textsOf(forward.frames), forward.more], [['m1', 'm2', 'm3', 'm4'], true]);
  const rest = await ann.ask({ type: 'history', room, after: 4, limit: 500 });
  assert.deepEqual([textsOf(rest.frames), rest.more], [['m5', 'm6', 'm7'], false]);
  const beyond = await ann.ask({ type: 'history', room, after: 99 });
  assert.deepEqual([beyond.frames, beyond.top], [[], 7]);
  const live = await ann.next((f) => f.type === 'message' && f.text === 'm7');
  assert.deepEqual(plain(rest.frames[2]), plain(live));
});

// ---- bad input: an error that names the field, and the connection stays

const bad = [
  ['not JSON', 'nonsense', 'bad_json'],
  ['half of JSON', '{"type":', 'bad_json'],
  ['an array', '[{"type":"ping"}]', 'bad_json'],
  ['a string', '"ping"', 'bad_json'],
  ['two objects', '{"type":"ping"}{"type":"ping"}', 'bad_json'],
  ['lenient JSON', "{'type':'ping'}", 'bad_json'],
  ['an empty frame', '', 'bad_json'],
  ['too deep', `{"type":"event","room":"ROOM","name":"n","data":${'['.repeat(200)}${']'.repeat(200)}}`, 'bad_json'],
  ['unknown type', '{"type":"dance","id":1}', 'unknown_type', 'type'],
  ['no type', '{"id":1}', 'bad_request', 'type'],
  ['type a number', '{"type":7}', 'bad_request', 'type'],
  ['type null', '{"type":null}', 'bad_request', 'type'],
  ['no room', '{"type":"join"}', 'bad_request', 'room'],
  ['room a number', '{"type":"join","room":7}', 'bad_request', 'room'],
  ['room null', '{"type":"join","room":null}', 'bad_request', 'room'],
  ['room empty', '{"type":"join","room":""}', 'bad_request', 'room'],
  ['room of 129 bytes', `{"type":"join","room":"${'x'.repeat(129)}"}`, 'bad_request', 'room'],
  ['room of 129 bytes in 65 characters', `{"type":"join","room":"${'ü'.repeat(64)}x"}`, 'bad_request', 'room'],
  ['room with a control character', '{"type":"join","room":"a\\u0007b"}', 'bad_request', 'room'],
  ['room with DEL', '{"type":"join","room":"a\\u007fb"}', 'bad_request', 'room'],
  ['room with half a character', '{"type":"join","room":"a\\ud800"}', 'bad_request', 'room'],
  ['since no object', '{"type":"join","room":"ROOM","since":7}', 'bad_request', 'since'],
  ['since without epoch', '{"type":"join","room":"ROOM","since":{"offset":1}}', 'bad_request', 'since'],
  ['since without offset', '{"type":"join","room":"ROOM","since":{"epoch":"e"}}', 'bad_request', 'since'],
  ['since negative', '{"type":"join","room":"ROOM","since":{"epoch":"e","offset":-1}}', 'bad_request', 'since'],
  ['since a fraction', '{"type":"join","room":"ROOM","since":{"epoch":"e","offset":1.5}}', 'bad_request', 'since'],
  ['since huge', '{"type":"join","room":"ROOM","since":{"epoch":"e","offset":1e999999999}}', 'bad_request', 'since'],
  ['history negative', '{"type":"join","room":"ROOM","history":-1}', 'bad_request', 'history'],
  ['no text', '{"type":"message","room":"ROOM"}', 'bad_request', 'text'],
  ['text a number', '{"type":"message","room":"ROOM","text":7}', 'bad_request', 'text'],
  ['text empty', '{"type":"message","room":"ROOM","text":""}', 'bad_request', 'text'],
  ['text with half a character', '{"type":"message","room":"ROOM","text":"\\udc00"}', 'bad_request', 'text'],
  ['text too long', `{"type":"message","room":"ROOM","text":"${'x'.repeat(4_001)}"}`, 'too_large', 'text'],
  ['kind unknown', '{"type":"message","room":"ROOM","text":"t","kind":"shout"}', 'bad_request', 'kind'],
  ['replyTo zero', '{"type":"message","room":"ROOM","text":"t","replyTo":0}', 'bad_request', 'replyTo'],
  ['replyTo a string', '{"type":"message","room":"ROOM","text":"t","replyTo":"1"}', 'bad_request', 'replyTo'],
  ['key empty', '{"type":"message","room":"ROOM","text":"t","key":""}', 'bad_request', 'key'],
  ['key a number', '{"type":"message","room":"ROOM","text":"t","key":1}', 'bad_request', 'key'],
  ['key too long', `{"type":"message","room":"ROOM","text":"t","key":"${'k'.repeat(2_000)}"}`, 'bad_request', 'key'],
  ['id an object', '{"type":"ping","id":{}}', 'bad_request', 'id'],
  ['id of 65 characters', `{"type":"ping","id":"${'i'.repeat(65)}"}`, 'bad_request', 'id'],
  ['no name', '{"type":"event","room":"ROOM","data":1}', 'bad_request', 'name'],
  ['no data', '{"type":"event","room":"ROOM","name":"n"}', 'bad_request', 'data'],
  ['data with half a character', '{"type":"event","room":"ROOM","name":"n","data":"\\ud800"}', 'bad_request', 'data'],
  ['ephemeral a string', '{"type":"event","room":"ROOM","name":"n","data":1,"ephemeral":"yes"}', 'bad_request', 'ephemeral'],
  ['no active', '{"type":"typing","room":"ROOM"}', 'bad_request', 'active'],
  ['active a number', '{"type":"typing","room":"ROOM","active":1}', 'bad_request', 'active'],
  ['limit zero', '{"type":"history","room":"ROOM","limit":0}', 'bad_request', 'limit'],
  ['limit a string', '{"type":"history","room":"ROOM","limit":"5"}', 'bad_request', 'limit'],
  ['before and after', '{"type":"history","room":"ROOM","before":1,"after":1}', 'bad_request', 'before'],
  ['after of members a number', '{"type":"members","room":"ROOM","after":7}', 'bad_request', 'after'],
  ['ts a string', '{"type":"ping","ts":"now"}', 'bad_request', 'ts'],
  ['message to a room one is not in', '{"type":"message","room":"elsewhere","text":"t"}', 'not_in_room', 'room'],
  ['event to a room one is not in', '{"type":"event","room":"elsewhere","name":"n","data":1}', 'not_in_room', 'room'],
  ['typing in a room one is not in', '{"type":"typing","room":"elsewhere","active":true}', 'not_in_room', 'room'],
  ['leaving a room one is not in', '{"type":"leave","room":"elsewhere"}', 'not_in_room', 'room'],
  ['history of no room', '{"type":"history","room":"no such room"}', 'no_such_room', 'room'],
];

for (const [what, text, code, field] of bad) {
  test(`bad input, ${what}: ${code}, and the connection stays`, async () => {
    const [room, ann] = await roomWith('Ann');
    ann.send(text.replace('ROOM', room));
    const error = await ann.type('error');
    assert.equal(error.code, code, error.raw);
    assert.ok(error.message.length > 0);
    if (field) assert.ok(error.message.startsWith(field), error.message);
    await ann.settled();
    assert.equal(ann.left('message').length + ann.left('event').length, 0, 'it took effect');
  });
}

test('an error carries the id of the command', async () => {
  const ann = await connect();
  assert.equal((await ann.ask({ type: 'join', room: '' })).type, 'error');
  assert.equal((await ann.ask({ type: 'dance' })).code, 'unknown_type');
});

test('a room name of 128 bytes and a text of 4,000 characters are fine', async () => {
  const ann = await connect();
  const room = `${randomUUID()}${'ü'.repeat(46)}`;
  assert.equal((await ann.ask({ type: 'join', room })).type, 'joined');
  await message(ann, room, '𝒳'.repeat(4_000));
  assert.equal((await ann.type('message')).text.length, 8_000);
});

test('too many rooms', async () => {
  const ann = await connect();
  const most = ann.welcome.limits.roomsPerSession;
  for (let i = 0; i < most; i++) {
    assert.equal((await ann.ask({ type: 'join', room: `many-${i}`, history: 0 })).type, 'joined');
  }
  assert.equal((await ann.ask({ type: 'join', room: 'one-more' })).code, 'too_many_rooms');
  assert.equal((await ann.ask({ type: 'leave', room: 'many-0' })).type, 'left');
  assert.equal((await ann.ask({ type: 'join', room: 'one-more' })).type, 'joined');
});

test('too many commands: rate_limited with retryAfter, and later it works', async () => {
  const [room, ann] = await roomWith('Ann');
  const { commandsBurst } = ann.welcome.limits;
  const replies = await Promise.all(
    Array.from({ length: commandsBurst + 100 }, () => ann.ask({ type: 'ping' })));
  const limited = replies.filter((reply) => reply.type === 'error');
  assert.ok(limited.length > 0, 'nothing was refused');
  assert.ok(limited.every((reply) => reply.code === 'rate_limited' && reply.retryAfter > 0), limited[0].raw);
  await new Promise((resolve) => setTimeout(resolve, limited.at(-1).retryAfter + 100));
  await message(ann, room, 'again');
});

// ---- close codes

test('a binary frame: 1003', async () => {
  const ann = await connect();
  ann.sendBytes(Buffer.from('{"type":"ping"}'), true);
  assert.equal((await ann.closed).code, 1003);
});

test('text that is not UTF-8: 1007', async () => {
  const ann = await connect();
  ann.sendBytes(Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), false);
  assert.equal((await ann.closed).code, 1007);
});

test('a frame over the limit: 1009; one of just the limit is fine', async () => {
  const ann = await connect();
  const most = ann.welcome.limits.frameBytes;
  const frame = (bytes) => {
    const start = '{"type":"ping","fill":"';
    return `${start}${'x'.repeat(bytes - start.length - 2)}"}`;
  };
  ann.send(frame(most));
  await ann.type('pong');
  ann.send(frame(most + 1));
  assert.equal((await ann.closed).code, 1009);
});

test('goodbye: 1000 ends the session, others see it leave at once', async () => {
  const [room, ann, bob] = await roomWith('Ann', 'Bob');
  await seen(ann, bob);
  assert.equal((await bob.close()).code, 1000);
  await ann.next((f) => f.type === 'presence' && f.left?.some((u) => u.id === bob.id));
  const again = await connect({ name: 'Bob', query: { resume: bob.welcome.resume } });
  assert.equal(again.welcome.resumed, false);
  assert.equal((await ann.ask({ type: 'members', room })).count, 1);
});

// ---- nothing lost, nothing twice

test('the same key again: the first ack with duplicate:true, and nothing logged twice', async () => {
  const [room, ann, bob] = await roomWith('Ann', 'Bob');
  const first = await message(ann, room, 'once', { key: 'k' });
  const again = await message(ann, room, 'once', { key: 'k' });
  assert.equal('duplicate' in first, false);
  assert.equal(again.duplicate, true);
  assert.deepEqual([again.offset, again.epoch, again.ts], [first.offset, first.epoch, first.ts]);
  const theirs = await message(bob, room, 'mine', { key: 'k' });
  assert.equal('duplicate' in theirs, false, 'keys are a user\'s own');
  assert.equal((await ann.ask({ type: 'history', room })).frames.length, 2);
});

test('two copies of one key on their way together are logged once', async () => {
  const [room, ann] = await roomWith('Ann');
  const acks = await Promise.all([1, 2, 3].map(() => message(ann, room, 'once', { key: 'k' })));
  assert.deepEqual(acks.map((ack) => ack.offset), [1, 1, 1]);
  assert.equal(acks.filter((ack) => ack.duplicate).length, 2);
});

test('an event with a key is not logged twice either', async () => {
  const [room, ann] = await roomWith('Ann');
  const event = { type: 'event', room, name: 'n', data: 1, key: 'k' };
  await ann.ask(event);
  assert.equal((await ann.ask(event)).duplicate, true);
});

test('join with since: recovered:true and exactly what was missed', async () => {
  const [room, ann, bob] = await roomWith('Ann', 'Bob');
  const first = await message(ann, room, 'm1');
  await bob.close();
  for (const text of ['m2', 'm3']) await message(ann, room, text);
  const since = { offset: first.offset, epoch: first.epoch };
  for (let time = 0; time < 3; time++) {
    const back = await connect({ name: 'Bob' });
    const joined = await back.ask({ type: 'join', room, since });
    assert.equal(joined.recovered, true, joined.raw);
    assert.deepEqual(textsOf(joined.history), ['m2', 'm3']);
    assert.equal(joined.offset, 3);
  }
});

test('join with since of an empty room and of its top: recovered:true and nothing', async () => {
  const room = `node-${randomUUID()}`;
  const ann = await connect();
  const { offset, epoch } = await ann.ask({ type: 'join', room });
  const again = await ann.ask({ type: 'join', room, since: { offset, epoch } });
  assert.deepEqual([again.recovered, again.history, again.offset], [true, [], offset]);
});

test('join with since of another epoch or of the future: recovered:false and the newest history', async () => {
  const [room, ann] = await roomWith('Ann');
  const { epoch } = await message(ann, room, 'm1');
  for (const since of [{ offset: 1, epoch: 'foreign' }, { offset: 99, epoch }, { offset: 0, epoch: 'foreign' }]) {
    const joined = await (await connect()).ask({ type: 'join', room, since });
    assert.equal(joined.recovered, false, joined.raw);
    assert.deepEqual(textsOf(joined.history), ['m1']);
  }
});

test('resume: the same session on a new connection, the old one closed with 4009, no leave seen', async () => {
  const [room, ann, bob] = await roomWith('Ann', 'Bob');
  await seen(ann, bob);
  const { offset, epoch } = await message(bob, room, 'before');
  const back = await connect({ name: 'Bob', query: { resume: bob.welcome.resume } });
  assert.equal(back.welcome.resumed, true);
  assert.equal(back.welcome.session, bob.welcome.session);
  assert.deepEqual(back.welcome.user, bob.welcome.user);
  assert.deepEqual(back.welcome.rooms, [room]);
  assert.notEqual(back.welcome.resume, bob.welcome.resume, 'the secret changes at each resume');
  assert.equal((await bob.closed).code, 4009);
  await message(ann, room, 'meanwhile');
  await back.settled();
  assert.equal(back.left('message').length, 0, 'nothing is sent before the room is claimed');
  const joined = await back.ask({ type: 'join', room, since: { offset, epoch } });
  assert.deepEqual([joined.recovered, textsOf(joined.history)], [true, ['meanwhile']]);
  assert.equal(joined.count, 2);
  await ann.settled();
  assert.equal(ann.left('presence').filter((f) => f.left.length).length, 0, 'a leave was seen');
});

test('resume after a cut line works, and a secret works once', async () => {
  const [room, ann] = await roomWith('Ann');
  await ann.cut();
  const back = await connect({ query: { resume: ann.welcome.resume } });
  assert.equal(back.welcome.resumed, true);
  assert.deepEqual(back.welcome.rooms, [room]);
  const used = await connect({ query: { resume: ann.welcome.resume } });
  assert.equal(used.welcome.resumed, false);
  assert.notEqual(used.welcome.session, back.welcome.session);
  await back.settled();
});

test('a resume secret that is unknown or nonsense gives a fresh session', async () => {
  for (const resume of ['x', 'a.b', '.', '', 'x'.repeat(5_000).slice(0, 500), '☃.☃']) {
    const peer = await connect({ query: { resume } });
    assert.equal(peer.welcome.resumed, false);
    assert.deepEqual(peer.welcome.rooms, []);
  }
});

// ---- HTTP

test('HTTP: rooms, a room, its history and its members are the frames without type and re', async () => {
  const [room, ann] = await roomWith('Ann', 'Bob');
  for (let i = 1; i <= 3; i++) await message(ann, room, `m${i}`);
  const path = `/api/rooms/${encodeURIComponent(room)}`;
  const { top, epoch, frames } = await ann.ask({ type: 'history', room });
  assert.deepEqual(await get(`${path}/history?after=1&limit=1`),
    { room, frames: [frames[1]], epoch, top, more: true });
  assert.deepEqual(textsOf((await get(`${path}/history?before=3&limit=5`)).frames), ['m1', 'm2']);
  const { members, count } = await ann.ask({ type: 'members', room });
  assert.deepEqual(await get(`${path}/members`), { room, members, count });
  assert.deepEqual(keysOf(await get(`${path}/members?limit=1`)), ['count', 'members', 'next', 'room']);
  const one = await get(path);
  assert.deepEqual([one.room, one.count, one.top, one.epoch], [room, 2, 3, epoch]);
  let page = await get('/api/rooms?limit=500');
  while (page.next && !page.rooms.some((r) => r.room === room)) {
    page = await get(`/api/rooms?limit=500&after=${encodeURIComponent(page.next)}`);
  }
  assert.ok(page.rooms.some((r) => r.room === room && r.count === 2));
});

test('HTTP: a name with slash and percent sign is one part of the path', async () => {
  const room = `a/b%2F ü ${randomUUID()}`;
  const ann = await connect();
  await ann.ask({ type: 'join', room });
  assert.equal((await get(`/api/rooms/${encodeURIComponent(room)}`)).room, room);
});

test('HTTP: stats and health', async () => {
  assert.equal(typeof (await get('/api/stats')).connections, 'number');
  await get('/health/live');
  await get('/health/ready');
});

test('HTTP: unknown things are 404, bad ones 400, as problem+json', async () => {
  for (const path of ['/api/rooms/no-such-room', '/api/rooms/no-such-room/history', '/api/nothing', '/nothing',
    '/api/rooms/no-such-room/members']) {
    assert.equal((await get(path, 404)).status, 404);
  }
  const [room] = await roomWith('Ann');
  for (const query of ['after=x', 'after=-1', 'before=1&after=1', 'limit=x']) {
    assert.equal((await get(`/api/rooms/${room}/history?${query}`, 400)).status, 400);
  }
  assert.equal((await get(`/api/rooms/${'x'.repeat(129)}`, 400)).status, 400);
});

// ---- all of it

let failed = 0;
for (const { name, run } of tests) {
  try {
    await run();
  } catch (error) {
    failed++;
    console.log(`FAILED  ${name}\n        ${String(error.message).replaceAll('\n', '\n        ')}`);
  }
  await Promise.all(peers.splice(0).map((peer) => peer.close()));
}
console.log(`${tests.length - failed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
