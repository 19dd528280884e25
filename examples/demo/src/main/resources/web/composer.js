/** The field in which messages are written, and the commands that begin with a slash. */
import { $, counted } from './dom.js';

const TYPING_EVERY = 3_000;
const NEARLY_FULL = 200;

export class Composer {
  #page;
  #text = $('text');
  #room = null;
  #typingAt = 0;
  #limit = 4_000;

  /**
   * @param page `say(text, kind)`, `typing(room, active)`, and what `COMMANDS` need
   */
  constructor(page) {
    this.#page = page;
    $('compose').addEventListener('submit', event => {
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener('keydown', event => this.#key(event));
    this.#text.addEventListener('input', () => this.#changed());
  }

  set limit(codePoints) {
    this.#limit = codePoints;
  }

  /** Each room has a draft of its own. */
  show(room) {
    if (this.#room) {
      this.#stopTyping();
      this.#room.draft = this.#text.value;
    }
    this.#room = room;
    this.#text.value = room.draft;
    this.#text.placeholder = 'Message # ' + room.name;
    this.#fit();
  }

  /** On a phone the focus would bring up the keyboard. */
  focus() {
    if (matchMedia('(pointer: fine)').matches) this.#text.focus({ preventScroll: true });
  }

  #submit() {
    const text = this.#text.value.trim();
    if (!text || this.#length(text) > this.#limit) return;
    this.#text.value = '';
    this.#typingAt = 0; // the server ends the typing with the message
    this.#fit();
    const command = /^\/(?!\/)(\S*)\s*([\s\S]*)$/.exec(text);
    if (!command) return this.#page.say(text.replace(/^\/\//, '/'), 'text');
    this.#stopTyping();
    const [, name, rest] = command;
    const known = COMMANDS.get(name.toLowerCase());
    if (!known) {
      return this.#page.note(`There is no command /${name}. Type /help to see what there is.`, { error: true });
    }
    Promise.resolve(known.run(this.#page, rest.trim())).catch(
      error => this.#page.note(error.message, { error: true }));
  }

  #key(event) {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      $('compose').requestSubmit();
    } else if (event.key === 'PageUp' || event.key === 'PageDown') {
      event.preventDefault();
      $('scroll').scrollBy({ top: (event.key === 'PageUp' ? -0.85 : 0.85) * $('scroll').clientHeight });
    }
  }

  #changed() {
    this.#fit();
    const { value } = this.#text;
    if (!value || value.startsWith('/')) return this.#stopTyping();
    if (Date.now() - this.#typingAt < TYPING_EVERY) return;
    this.#typingAt = Date.now();
    this.#page.typing(this.#room.name, true);
  }

  #stopTyping() {
    if (this.#typingAt) this.#page.typing(this.#room.name, false);
    this.#typingAt = 0;
  }

  #length(text) {
    return text.length <= this.#limit ? text.length : [...text].length;
  }

  /** As high as the text, up to what the style allows; says when the text gets too long. */
  #fit() {
    this.#text.style.height = 'auto';
    this.#text.style.height = this.#text.scrollHeight + 2 + 'px';
    const left = this.#limit - this.#length(this.#text.value.trim());
    $('compose').dataset.left = left < NEARLY_FULL ? left : '';
    $('compose').classList.toggle('too-long', left < 0);
    $('send').disabled = left < 0 || !this.#text.value.trim();
  }
}

/** By name: `help` is what /help says, `run` gets the page and the rest of the line. */
const COMMANDS = new Map(Object.entries({
  help: {
    help: '/help\tthis list',
    run: page => page.note([...COMMANDS.values()].map(command => command.help)
      .concat('//text\ta message that begins with a slash', 'Alt ↑, Alt ↓\tthe room above, the room below',
        'Page ↑, Page ↓\tolder and newer messages').join('\n'), { title: 'Commands and keys' }),
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
      page.note(lines.join('\n'), { title: counted(count, 'person', 'people') + ' in # ' + page.room.name });
    },
  },
  join: {
    help: '/join ROOM\tgo to a room; it is made if there is none',
    run: (page, name) => (name.replace(/^#\s*/, '')
      ? page.show(name.replace(/^#\s*/, '')) : page.note('Which room? /join ROOM', { error: true })),
  },
  leave: {
    help: '/leave\tleave this room',
    run: page => page.leave(),
  },
  me: {
    help: '/me TEXT\tsay what you do',
    run: (page, text) => (text ? page.say(text, 'action')
      : page.note('What do you do? /me TEXT', { error: true })),
  },
}));
