/** What the user says, answers, edits, takes back and reacts with. */
import { ask } from './dialog.js';

export class Speech {
  #page;

  constructor(page) {
    this.#page = page;
  }

  say(text, kind, replyTo) {
    const { room, me } = this.#page;
    const message = { type: 'message', room: room.name, text, kind, replyTo, user: me, ts: Date.now() };
    message.key = Array.from(crypto.getRandomValues(new Uint32Array(4)), n => n.toString(36)).join('-');
    this.#send(message);
  }

  #send(message) {
    const page = this.#page;
    message.state = 'sending';
    const room = page.rooms.get(message.room);
    room.pending.push(message);
    page.log.toEnd();
    page.changed();
    const { text, kind, replyTo, key } = message;
    page.chat.send(message.room, text, { kind, replyTo, key }).then(
      () => room.sent(message),
      error => Object.assign(message, { state: 'failed', problem: error.message }),
    ).then(() => page.changed());
  }

  sendAgain(message) {
    this.discard(message);
    this.#send({ ...message, ts: Date.now() });
    this.#page.composer.focus();
  }

  discard(message) {
    this.#page.rooms.get(message.room).drop(message);
    this.#page.changed();
  }

  messageAt(offset) {
    return this.#page.room.at(offset);
  }

  /** What the user may do with a message. */
  may(message) {
    const isMine = this.#page.isMe(message.user);
    return { react: true, reply: true, edit: isMine, remove: isMine || this.#page.room.moderates };
  }

  reply(message) {
    this.#page.composer.reply(message);
  }

  edit(message) {
    this.#page.composer.edit(message);
  }

  change(message, text) {
    this.#page.attempt(this.#page.chat.edit(message.room, message.offset, text));
  }

  react(message, emoji, on) {
    this.#page.attempt(this.#page.chat.react(message.room, message.offset, emoji, on));
  }

  async remove(message) {
    const wanted = await ask({ title: 'Delete this message?', text: message.text, action: 'Delete', isDanger: true });
    if (wanted) this.#page.attempt(this.#page.chat.delete(message.room, message.offset));
    // Who came here by the arrow keys goes on from here; and a phone shows no keyboard.
    if (!this.#page.log.focus(message.offset)) this.#page.composer.focus();
  }
}
