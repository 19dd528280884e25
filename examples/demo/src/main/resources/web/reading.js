/** Tells the server how far the user has read, now and then. */
const EVERY_MS = 400;

export class ReadMarks {
  #chat;
  #told = new Map(); // room name -> epoch-less offset that was told last
  #waiting = new Map();
  #timer = null;

  /** @param chat returns the client */
  constructor(chat) {
    this.#chat = chat;
  }

  read(room) {
    if (!room.top || this.#told.get(room.name) === room.top) return;
    this.#told.set(room.name, room.top);
    this.#waiting.set(room.name, room.top);
    this.#timer ??= setTimeout(() => this.#tell(), EVERY_MS);
  }

  #tell() {
    this.#timer = null;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const [room, offset] of waiting) {
      if (this.#chat().state === 'online') this.#chat().read(room, offset);
      else this.#told.delete(room); // it is told when there is a connection again
    }
  }
}
