/** The commands that begin with a slash. */
import { counted } from './dom.js';
import { duration, seconds } from './moderation.js';

/** By name: `help` is what /help says, `run` gets the page and the rest of the line. */
export const COMMANDS = new Map(Object.entries({
  help: {
    help: '/help\tthis list',
    run: page => page.note([...COMMANDS.values()].map(command => command.help)
      .concat('//text\ta message that begins with a slash', '@name\tmention somebody',
        'Alt ↑, Alt ↓\tthe room above, the room below', 'Page ↑, Page ↓\tolder and newer messages',
        '↑\tin an empty field: edit your last message',
        'Shift Tab, ↑\tfrom message to message; Enter: what can be done with one').join('\n'),
    { title: 'Commands and keys' }),
  },
  rooms: {
    help: '/rooms\tthe rooms there are',
    run: async page => {
      const { rooms, next } = await page.chat.listRooms({ limit: 200 });
      const lines = rooms.map(({ room, count }) => `# ${room}\t${counted(count, 'person', 'people')}`);
      if (next) lines.push('and more');
      page.note(lines.join('\n') || 'There are no rooms.', { title: counted(rooms.length, 'room') });
    },
  },
  users: {
    help: '/users\twho is here',
    run: async page => {
      const { members, count } = await page.chat.members(page.room.name);
      const lines = members.map(user => user.name + (page.isMe(user) ? ' (you)' : ''));
      if (count > members.length) lines.push(`and ${count - members.length} more`);
      page.note(lines.join('\n'), { title: counted(count, 'person', 'people') + ' in ' + page.room.label });
    },
  },
  join: {
    help: '/join ROOM\tgo to a room; it is made if there is none',
    run: (page, name) => page.show(needed(name.replace(/^#\s*/, ''), 'Which room? /join ROOM')),
  },
  leave: {
    help: '/leave\tleave this room',
    run: page => page.leave(),
  },
  me: {
    help: '/me TEXT\tsay what you do',
    run: (page, text) => page.speech.say(needed(text, 'What do you do? /me TEXT'), 'action'),
  },
  msg: {
    help: '/msg NAME TEXT\tsay something to one person only',
    run: (page, line) => {
      const { user, rest } = who(page, line, 'To whom? /msg NAME TEXT');
      page.converse(user);
      if (rest) page.speech.say(rest, 'text');
    },
  },
  topic: {
    help: '/topic TEXT\tsay what a room of yours is about; without a text: what this one is about',
    run: async (page, title) => {
      if (!title) return page.note(page.room.title || 'Nobody has said what this room is about.');
      await page.chat.configure(roomOf(page), { title });
      await page.refresh();
    },
  },
  slow: {
    help: '/slow TIME\tone message of each member in so long, in a room of yours: /slow 30s; /slow off ends it',
    run: async (page, line) => {
      const off = /^(off|0)$/.test(line);
      const time = off ? 0 : seconds(line);
      if (!off && !time) throw new Error('How slow? /slow 30s, or /slow off');
      await page.chat.configure(roomOf(page), { slow: time });
      page.note(off ? `${page.room.label} is not slow any more.`
        : `Each member may say one thing in ${duration(time)} in ${page.room.label} now; you may go on as ever.`);
    },
  },
  invite: {
    help: '/invite NAME\tlet somebody into a private room of yours',
    run: async (page, line) => {
      const { user } = who(page, line, 'Whom? /invite NAME');
      await page.chat.invite(roomOf(page), user.id);
      if (!page.room.moderates) page.note(`${user.name} may come into ${page.room.label} now.`);
    },
  },
  uninvite: {
    help: '/uninvite NAME\ttake an invitation back',
    run: async (page, line) => {
      const { user } = who(page, line, 'Whom? /uninvite NAME');
      await page.chat.invite(roomOf(page), user.id, false);
      if (!page.room.moderates) page.note(`${user.name} may not come into ${page.room.label} any more.`);
    },
  },
  kick: moderate('kick', 'take somebody out of the room, who may come again',
    (page, room, user, { reason }) => page.chat.kick(room, user.id, reason), 'NAME [WHY]'),
  mute: moderate('mute', 'let somebody only read: /mute Bob 10m too loud',
    (page, room, user, options) => page.chat.mute(room, user.id, options)),
  unmute: moderate('unmute', 'let somebody speak again',
    (page, room, user) => page.chat.unmute(room, user.id), 'NAME'),
  ban: moderate('ban', 'keep somebody out of the room: /ban Bob 1d spam',
    (page, room, user, options) => page.chat.ban(room, user.id, options)),
  unban: moderate('unban', 'let somebody come again',
    (page, room, user) => page.chat.unban(room, user.id), 'NAME'),
  appoint: moderate('appoint', 'have somebody moderate a room of yours',
    (page, room, user) => page.chat.appoint(room, user.id), 'NAME'),
  block: {
    help: '/block NAME\tget no messages of somebody any more; /unblock NAME ends it',
    run: (page, line) => block(page, line, true),
  },
  unblock: {
    help: '/unblock NAME\tget messages of somebody again',
    run: (page, line) => block(page, line, false),
  },
  search: {
    help: '/search TEXT\tlook for something in the messages that are loaded',
    run: (page, text) => page.search(text),
  },
}));

function moderate(name, help, act, words = 'NAME [10m] [WHY]') {
  return {
    help: `/${name} ${words}\t${help}`,
    run: async (page, line) => {
      const { user, rest } = who(page, line, `Whom? /${name} ${words}`);
      const [first, ...others] = rest.split(/\s+/);
      const time = seconds(first);
      const takesTime = words.includes('10m');
      const reason = (takesTime && time ? others.join(' ') : rest) || undefined;
      await act(page, roomOf(page), user, { seconds: takesTime && time ? time : undefined, reason });
      if (page.room.moderates) return; // the log of moderation says it
      page.note(`Done: /${name} ${user.name}` + (takesTime && time ? ' for ' + duration(time) : ''));
    },
  };
}

async function block(page, line, on) {
  const { user } = who(page, line, `Whom? /${on ? 'block' : 'unblock'} NAME`);
  if (page.isMe(user)) throw new Error('That is you.');
  await page.chat.block(user.id, on);
  page.note(on ? `${user.name} cannot write to you any more.` : `${user.name} can write to you again.`);
}

function needed(text, question) {
  if (!text) throw new Error(question);
  return text;
}

/** The room that is shown; conversations have no owner and no moderators. */
function roomOf(page) {
  if (page.room.isConversation) throw new Error('That is for rooms: this is a conversation.');
  return page.room.name;
}

/**
 * Reads who is meant at the beginning of a line: the name of somebody known here, which may have
 * spaces, or `id:` and an id.
 */
function who(page, line, question) {
  const text = needed(line, question).replace(/^@/, '');
  const id = /^id:(\S+)\s*([\s\S]*)$/.exec(text);
  if (id) return { user: page.who.person(id[1]) ?? { id: id[1], name: id[1] }, rest: id[2] };
  const people = page.who.all().filter(({ name }) => begins(text, name));
  const longest = Math.max(...people.map(({ name }) => name.length));
  const found = people.filter(({ name }) => name.length === longest);
  if (!found.length) throw new Error(`Nobody called ${text.split(/\s/)[0]} has been seen here. ${question}`);
  const here = found.length > 1 ? found.filter(user => page.who.isHere(user)) : found;
  if (here.length !== 1) {
    throw new Error(`${found.length} people are called ${found[0].name}: choose one in the list of people, or say `
      + found.map(user => 'id:' + user.id).join(' or '));
  }
  return { user: here[0], rest: text.slice(longest).trim() };
}

function begins(text, name) {
  return text.slice(0, name.length).toLowerCase() === name.toLowerCase() && !/\S/.test(text.charAt(name.length));
}
