/** The field in which messages are written, answered and edited. */
import { COMMANDS } from './commands.js';
import { Completion } from './completion.js';
import { $, bdi, setText } from './dom.js';
import { saveDraft } from './drafts.js';
import { excerpt } from './message.js';

const TYPING_EVERY = 3_000;
const NEARLY_FULL = 200;

export class Composer {
  #page;
  #text = $('text');
  #room = null;
  #typingAt = 0;
  #limit = 4_000;
  #completion;

  /**
   * @param page `speech`, `who`, `typing(room, active)`, and what commands need
   */
  constructor(page) {
    this.#page = page;
    this.#completion = new Completion(this.#text, {
      names: () => page.who.names(this.#room).shown,
      commands: () => [...COMMANDS.keys()].map(name => '/' + name),
      changed: () => this.#changed(),
    });
    $('compose').addEventListener('submit', event => {
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener('keydown', event => this.#key(event));
    this.#text.addEventListener('input', () => {
      this.#changed();
      this.#completion.update();
    });
    $('context-end').addEventListener('click', () => this.#endContext());
  }

  set limit(codePoints) {
    this.#limit = codePoints;
  }

  /** Each room has a draft of its own. */
  show(room) {
    if (this.#room) {
      this.#stopTyping();
      this.#keep();
    }
    this.#room = room;
    this.#fill(room.draft);
    this.#text.placeholder = room.isConversation ? 'Message ' + room.label : 'Message # ' + room.name;
    this.#drawContext();
  }

  /** On a phone the focus would bring up the keyboard. */
  focus() {
    if (matchMedia('(pointer: fine)').matches) this.#text.focus({ preventScroll: true });
  }

  reply(message) {
    if (this.#room.editing) this.#endContext();
    this.#room.replyTo = message;
    this.#drawContext();
    this.#text.focus({ preventScroll: true });
  }

  edit(message) {
    if (!this.#room.editing) this.#room.keptDraft = this.#text.value;
    Object.assign(this.#room, { editing: message, replyTo: null });
    this.#fill(message.text);
    this.#drawContext();
    this.#text.focus({ preventScroll: true });
  }

  /** Puts a text into the field, as the beginning of what is to be said. */
  begin(text) {
    this.#fill(text + this.#text.value);
    this.#text.focus({ preventScroll: true });
  }

  #fill(text) {
    this.#text.value = text;
    this.#text.setSelectionRange(text.length, text.length);
    this.#completion.close();
    this.#fit();
  }

  #keep() {
    const room = this.#room;
    room.draft = this.#text.value;
    saveDraft(room.name, room.editing ? room.keptDraft : room.draft);
  }

  #drawContext() {
    const { replyTo, editing } = this.#room;
    const about = editing ?? replyTo;
    $('context').hidden = !about;
    if (!about) return;
    $('context-text').replaceChildren(...editing ? ['Editing: '] : ['Replying to ', bdi(about.user.name), ': '],
      bdi(excerpt(about)));
    $('context-end').setAttribute('aria-label', editing ? 'Do not edit' : 'Do not reply');
  }

  #endContext() {
    const room = this.#room;
    if (room.editing) this.#fill(room.keptDraft ?? '');
    Object.assign(room, { replyTo: null, editing: null, keptDraft: undefined });
    this.#drawContext();
    this.#text.focus({ preventScroll: true });
  }

  #submit() {
    const text = this.#text.value.trim();
    if (!text || this.#length(text) > this.#limit) return;
    const { editing, replyTo } = this.#room;
    if (editing) {
      this.#endContext();
      if (text !== editing.text) this.#page.speech.change(editing, text);
      return;
    }
    this.#fill('');
    this.#typingAt = 0; // the server ends the typing with the message
    this.#keep();
    const command = /^\/(?!\/)(\S*)\s*([\s\S]*)$/.exec(text);
    if (command) return this.#run(command[1], command[2].trim());
    this.#room.replyTo = null;
    this.#drawContext();
    this.#page.speech.say(text.replace(/^\/\//, '/'), 'text', replyTo?.offset);
  }

  #run(name, rest) {
    this.#stopTyping();
    const known = COMMANDS.get(name.toLowerCase());
    if (!known) {
      const near = [...COMMANDS.keys()].find(other => name && (other.startsWith(name[0].toLowerCase())));
      return this.#page.note(`There is no command /${name}.` + (near ? ` Did you mean /${near}?` : '')
        + ' Type /help to see what there is.', { error: true });
    }
    Promise.resolve().then(() => known.run(this.#page, rest)).catch(
      error => this.#page.note(error.message, { error: true }));
  }

  #key(event) {
    if (this.#completion.key(event)) return event.preventDefault();
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      $('compose').requestSubmit();
    } else if (event.key === 'PageUp' || event.key === 'PageDown') {
      event.preventDefault();
      $('scroll').scrollBy({ top: (event.key === 'PageUp' ? -0.85 : 0.85) * $('scroll').clientHeight });
    } else if (event.key === 'Escape' && !$('context').hidden) {
      event.stopPropagation();
      this.#endContext();
    } else if (event.key === 'ArrowUp' && !event.altKey && !this.#text.value && this.#room.lastOwn) {
      event.preventDefault();
      this.edit(this.#room.lastOwn);
    }
  }

  #changed() {
    this.#fit();
    this.#keep();
    const { value } = this.#text;
    if (!value || value.startsWith('/') || this.#room.editing) return this.#stopTyping();
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
    setText($('too-long'), left < 0 ? 'The message is too long.' : '');
  }
}
