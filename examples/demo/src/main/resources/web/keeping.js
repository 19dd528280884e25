/** Makes rooms and keeps order in them, with what the user says when asked. */
import { ask } from './dialog.js';
import { isolated } from './dom.js';
import { seconds } from './moderation.js';

const WORDS = { kick: 'Take out', mute: 'Mute', ban: 'Ban', appoint: 'Make a moderator' };

/** Asks for what there is to know about a new room, and makes it. */
export async function createRoom(page) {
  const given = await ask({ title: 'A new room', action: 'Make it', fields: [
    { name: 'room', label: 'Name', required: true, max: 60 },
    { name: 'title', label: 'What it is about', max: 120 },
    { name: 'private', label: 'Private: only who is invited sees it and may come in', type: 'checkbox' },
  ] });
  if (!given) return;
  try {
    await page.chat.create(given.room, { private: given.private, title: given.title || undefined });
    Object.assign(page.rooms.get(given.room), { isPrivate: given.private, title: given.title });
    page.show(given.room);
  } catch (error) {
    page.note(`# ${given.room}: ${error.message}`, { error: true });
  }
}

/** Asks why and for how long, and does it to a user in the room that is shown. */
export async function moderate(page, user, action) {
  const { chat, room: { name } } = page;
  const fields = action === 'appoint' ? [] : [{ name: 'reason', label: 'Why', max: 200 }];
  if (action === 'mute' || action === 'ban') {
    fields.unshift({ name: 'time', label: 'For how long', value: '10m', hint: '30s, 10m, 2h, 7d; empty: for ever', max: 8 });
  }
  const given = await ask({
    title: WORDS[action] + ': ' + isolated(user.name), fields, action: WORDS[action], isDanger: action !== 'appoint',
  });
  if (!given) return;
  const options = { reason: given.reason || undefined, seconds: seconds(given.time ?? '') ?? undefined };
  if (given.time && !options.seconds) {
    return page.note(`${given.time} is no time: 30s, 10m, 2h or 7d`, { error: true });
  }
  if (action === 'kick') return page.attempt(chat.kick(name, user.id, options.reason));
  if (action === 'appoint') return page.attempt(chat.appoint(name, user.id));
  return page.attempt(chat[action](name, user.id, options));
}
