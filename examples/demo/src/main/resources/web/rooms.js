/** All rooms and conversations that the page knows. */
import { remember, remembered } from './dom.js';
import { Room } from './room.js';

export const DEFAULT_ROOMS = ['general', 'random', 'help'];
export const HOME = 'general';

const MAX_REMEMBERED = 50;
const names = new Intl.Collator();

export class Rooms {
  mine = new Set();
  invitations = new Map(); // room name -> who invites, null for the application
  #all = new Map(DEFAULT_ROOMS.map(name => [name, new Room(name, this.mine)]));

  get(name) {
    if (!this.#all.has(name)) this.#all.set(name, new Room(name, this.mine));
    return this.#all.get(name);
  }

  find(name) {
    return this.#all.get(name);
  }

  /** The default rooms, then the others by name. */
  get list() {
    const others = [...this.#all.values()].filter(
      room => !room.isConversation && !DEFAULT_ROOMS.includes(room.name));
    others.sort((a, b) => names.compare(a.name, b.name));
    return [...DEFAULT_ROOMS.map(name => this.#all.get(name)), ...others];
  }

  /** The one in which somebody said something last comes first. */
  get conversations() {
    return [...this.#all.values()].filter(room => room.isConversation)
      .sort((a, b) => b.lastAt - a.lastAt || names.compare(a.label, b.label));
  }

  get everything() {
    return [...this.list, ...this.conversations];
  }

  get joined() {
    return this.list.filter(room => room.joined);
  }

  get unread() {
    return this.everything.reduce((sum, room) => sum + room.unread, 0);
  }

  /** Everybody the page has seen, by id. */
  get people() {
    return new Map(this.everything.flatMap(room => [...room.people, ...room.peer ? [[room.peer.id, room.peer]] : []]));
  }

  /** Takes the server's list; rooms that are gone from it and not ours go from ours. */
  listed(infos, current) {
    const listed = new Map(infos.filter(info => !isModeration(info.room)).map(info => [info.room, info]));
    for (const [name, info] of listed) {
      Object.assign(this.get(name), { count: info.count, title: info.title ?? '', isPrivate: info.private });
    }
    for (const [name, room] of this.#all) {
      if (room.isConversation) continue;
      room.listed = listed.has(name);
      if (!room.listed) room.count = room.joined ? room.count : 0;
      this.#tidy(room, current);
    }
  }

  /** Takes a page of the user's conversations. */
  listedConversations(infos) {
    for (const { room: name, user, last, unread } of infos) {
      const room = this.get(name);
      room.peer ??= user;
      room.lastAt = Math.max(room.lastAt, last?.ts ?? 0);
      if (!room.joined) room.unread = unread;
    }
  }

  #tidy(room, current) {
    const wanted = room.listed || room.joined || room.joining || room === current;
    if (!wanted && !DEFAULT_ROOMS.includes(room.name)) this.#all.delete(room.name);
  }

  forget(name) {
    if (!DEFAULT_ROOMS.includes(name)) this.#all.delete(name);
  }
}

/** Whether it is the log of what moderators did in a room. */
export function isModeration(name) {
  return name.startsWith('mod:');
}

/** Remembers the rooms for the next time the page is opened. */
export function rememberRooms(rooms) {
  remember('rooms', JSON.stringify(rooms.joined.map(room => room.name).slice(0, MAX_REMEMBERED)));
}

export function rememberedRooms() {
  try {
    const saved = JSON.parse(remembered('rooms') ?? '[]');
    return saved.filter(name => typeof name === 'string' && name !== HOME).slice(0, MAX_REMEMBERED);
  } catch {
    return []; // somebody else wrote there
  }
}
