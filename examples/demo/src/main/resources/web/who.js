/** Who is who: the people whom the page has seen, and their names. */
export class Who {
  away = new Set(); // the ids of users who do not look at their page
  #page;

  constructor(page) {
    this.#page = page;
  }

  isMe(user) {
    return this.#page.rooms.mine.has(user?.id);
  }

  /** Everybody, those of the room that is shown first. */
  all() {
    const { room, rooms } = this.#page;
    const peer = room.peer ? [[room.peer.id, room.peer]] : [];
    return [...new Map([...room.people, ...peer, ...rooms.people]).values()];
  }

  person(id) {
    return this.#page.rooms.people.get(id);
  }

  nameOf(id) {
    const { me, room } = this.#page;
    return this.isMe({ id }) ? me?.name : room?.people.get(id)?.name ?? this.person(id)?.name;
  }

  isHere({ id }) {
    const { room, home } = this.#page;
    return room.members.has(id) || home.members.has(id);
  }

  /** Whether somebody is here, away, or gone, in a word. */
  status(user, room) {
    if (room.typing.has(user.id)) return 'typing…';
    if (this.away.has(user.id)) return 'away';
    return this.isHere(user) ? '' : 'not here';
  }

  /**
   * Whom a mention in the room can mean: `shown` for completion, `all` in lower case with the
   * longest first, `mine` those that mean this user.
   */
  names(room) {
    const { me } = this.#page;
    const key = room.people.size + ' ' + room.peopleChanges + ' ' + me?.name;
    if (room.names?.key === key) return room.names;
    const others = [...room.people.values(), ...room.members.values()].filter(user => !this.isMe(user));
    const shown = [...new Set(others.map(user => user.name))].sort();
    const mine = new Set(me ? [me.name.toLowerCase()] : []);
    const all = [...new Set([...shown.map(name => name.toLowerCase()), ...mine])].sort((a, b) => b.length - a.length);
    room.names = { key, shown, mine, all };
    return room.names;
  }
}
