/** Brings what the server says to the rooms. */
import { HOME, isModeration } from './rooms.js';
import { isSaid } from './message.js';

const LINES = ['message', 'direct', 'event'];
const CHANGES = ['edit', 'delete', 'react'];

/**
 * @param page `rooms`, `isMe(user)`, `changed()`, `welcome(frame)`, `entered(room, lines)`,
 *     `said(room, line)`, `gone(room, why)`, `invited(frame)`, `presence(room, frame)`
 */
export function listen(chat, page) {
  const { rooms } = page;
  const on = (type, handle) => chat.on(type, frame => {
    handle(frame);
    page.changed();
  });

  on('state', state => state === 'online' || rooms.everything.forEach(room => room.nobodyTypes()));
  on('close', () => page.closed(chat));
  on('welcome', frame => page.welcome(frame));
  on('joined', frame => {
    if (isModeration(frame.room)) return moderation(rooms, frame.room, frame.history, true);
    const room = rooms.get(frame.room);
    page.entered(room, room.take(frame));
  });
  for (const type of LINES) on(type, frame => line(page, frame));
  for (const type of CHANGES) on(type, frame => rooms.find(frame.room)?.add(frame));
  on('gap', frame => rooms.find(frame.room)?.gap(frame));
  on('left', frame => {
    if (frame.reason === 'left') return;
    if (isModeration(frame.room)) moderation(rooms, frame.room, [], false);
    else if (rooms.find(frame.room)?.joined) page.gone(rooms.find(frame.room), frame.reason);
  });
  on('presence', frame => {
    const room = rooms.find(frame.room);
    if (room) page.presence(room, frame);
  });
  on('typing', ({ room, user, active }) => {
    if (!page.isMe(user)) rooms.find(room)?.types(user, active, () => page.changed());
  });
  on('read', ({ room, user, offset }) => rooms.find(room)?.readBy(user, offset));
  for (const type of ['invited', 'uninvited']) on(type, frame => page.invited(frame));
}

function line(page, frame) {
  const { rooms } = page;
  if (frame.type === 'event' && isModeration(frame.room ?? '')) {
    return moderation(rooms, frame.room, [frame], true);
  }
  if (frame.type === 'event' && !frame.offset) {
    if (frame.room === HOME && frame.name === 'status' && frame.user) page.status(frame.user, frame.data);
    return;
  }
  const room = rooms.get(frame.room);
  if (frame.type === 'direct') {
    room.peer ??= page.isMe(frame.user) ? page.who.person(frame.to) ?? { id: frame.to, name: frame.to } : frame.user;
  }
  if (frame.user) {
    room.types(frame.user, false);
    // Who says something has read what was before.
    if (isSaid(frame)) room.readBy(frame.user, frame.offset);
  }
  if (room.add(frame)) page.said(room, frame);
}

/** What moderators did in a room is shown in it, to those who may moderate it. */
function moderation(rooms, name, frames, moderates) {
  const room = rooms.find(name.slice('mod:'.length));
  if (!room) return;
  room.moderates = moderates;
  room.peopleChanges++;
  room.addModeration(frames);
}
