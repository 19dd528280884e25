// A client of the protocol on the `ws` package: sends frames, and waits for those that come.
import { WebSocket } from 'ws';

const TIMEOUT = 10_000;

export class Refused extends Error {
  constructor(status, headers, body) {
    super(`refused with ${status}: ${body}`);
    Object.assign(this, { status, headers, body });
  }
}

export class Peer {
  #socket;
  #frames = [];
  #waiting = [];
  #nextId = 1;

  /** Resolves when the server said welcome; rejects with `Refused` when it refused the upgrade. */
  static async connect(base, { name = 'Ann', path = '', query = {}, headers = {}, protocols = [] } = {}) {
    const peer = new Peer();
    const url = new URL(base + path);
    const all = name === null ? query : { name, ...query };
    for (const [key, value] of Object.entries(all)) url.searchParams.set(key, value);
    await peer.#open(url, protocols, headers);
    peer.welcome = await peer.next((frame) => frame.type === 'welcome');
    return peer;
  }

  #open(url, protocols, headers) {
    this.#socket = new WebSocket(url, protocols, { headers, skipUTF8Validation: true });
    this.closed = new Promise((resolve) =>
      this.#socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })));
    this.#socket.on('message', (data) => this.#arrived(data.toString()));
    return new Promise((resolve, reject) => {
      this.#socket.on('open', resolve);
      this.#socket.on('error', reject);
      this.#socket.on('unexpected-response', (request, response) => {
        let body = '';
        response.on('data', (part) => (body += part));
        response.on('end', () => reject(new Refused(response.statusCode, response.headers, body)));
      });
    });
  }

  #arrived(text) {
    const frame = JSON.parse(text);
    Object.defineProperty(frame, 'raw', { value: text, enumerable: false });
    const index = this.#waiting.findIndex(({ wanted }) => wanted(frame));
    if (index < 0) this.#frames.push(frame);
    else this.#waiting.splice(index, 1)[0].resolve(frame);
  }

  get subprotocol() {
    return this.#socket.protocol;
  }

  get id() {
    return this.welcome.user.id;
  }

  /** The first frame, of those not taken yet, that is wanted. */
  next(wanted) {
    const index = this.#frames.findIndex(wanted);
    if (index >= 0) return Promise.resolve(this.#frames.splice(index, 1)[0]);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no such frame within ${TIMEOUT} ms: ${wanted}`)), TIMEOUT);
      this.#waiting.push({
        wanted,
        resolve: (frame) => {
          clearTimeout(timer);
          resolve(frame);
        },
      });
    });
  }

  type(type) {
    return this.next((frame) => frame.type === type);
  }

  /** Frames that came and nobody took, of a type. */
  left(type) {
    return this.#frames.filter((frame) => frame.type === type);
  }

  send(frame) {
    this.#socket.send(typeof frame === 'object' && !Buffer.isBuffer(frame) ? JSON.stringify(frame) : frame);
  }

  sendBytes(bytes, binary) {
    this.#socket.send(bytes, { binary });
  }

  /** Sends a command with an id and resolves with its reply, whatever it is. */
  ask(frame) {
    const id = this.#nextId++;
    this.send({ ...frame, id });
    return this.next((reply) => reply.re === id);
  }

  /** Resolves when everything sent before has been answered, and what it caused here has arrived. */
  async settled() {
    const pong = await this.ask({ type: 'ping' });
    if (pong.type !== 'pong') throw new Error(`no pong, but ${pong.raw}`);
  }

  close(code = 1000) {
    this.#socket.close(code);
    return this.closed;
  }

  /** Ends the connection without a word, as a broken line does. */
  cut() {
    this.#socket.terminate();
    return this.closed;
  }
}
