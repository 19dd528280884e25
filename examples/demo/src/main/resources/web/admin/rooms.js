/** The rooms there are, who is in them, and what can be done with both. */
import { ask } from '/dialog.js';
import { $, bdi, counted, el, isolated, reconcile, setText } from '/dom.js';

export class RoomList {
  #api;
  #act;
  #open = new Set(); // the rooms whose members are shown
  #members = new Map();

  /** @param act does something to somebody and says how it went */
  constructor(api, act) {
    this.#api = api;
    this.#act = act;
  }

  async look() {
    const prefix = $('prefix').value.trim();
    const { rooms, next } = await this.#api.get('/api/rooms?limit=100&prefix=' + encodeURIComponent(prefix));
    const shown = rooms.filter(({ room }) => !room.startsWith('mod:'));
    await Promise.all(shown.filter(({ room }) => this.#open.has(room)).map(({ room }) => this.#lookInto(room)));
    reconcile($('all-rooms'), shown, ({ room }) => room, info => this.#item(info), (item, info) => this.#update(item, info));
    setText($('more-rooms'), next ? 'and more: narrow it down by how they begin'
      : shown.length ? '' : 'There are no such rooms.');
  }

  async #lookInto(room) {
    try {
      const { members } = await this.#api.get(`/api/rooms/${encodeURIComponent(room)}/members?limit=100`);
      this.#members.set(room, members);
    } catch (error) {
      if (error.status !== 404) throw error;
      this.#members.set(room, []); // it has just gone
    }
  }

  #item({ room }) {
    const open = el('button', 'quiet', 'Who');
    const destroy = el('button', 'quiet danger', 'Destroy');
    for (const button of [open, destroy]) button.type = 'button';
    open.dataset.testid = 'who';
    destroy.dataset.testid = 'destroy';
    open.setAttribute('aria-expanded', 'false');
    open.setAttribute('aria-label', 'Who is in ' + room);
    destroy.setAttribute('aria-label', 'Destroy ' + room);
    open.addEventListener('click', async () => {
      if (!this.#open.delete(room)) this.#open.add(room);
      await this.#act('', () => this.look());
    });
    destroy.addEventListener('click', async () => {
      const sure = await ask({ title: 'Destroy # ' + isolated(room) + '?', action: 'Destroy', isDanger: true,
        text: 'Everybody leaves it, and what was said in it is gone.' });
      if (sure) await this.#act(`# ${room} was destroyed.`, () => this.#api.delete('/api/rooms/' + encodeURIComponent(room)));
    });
    const item = el('li', '', el('div', 'entry', el('span', 'name', '# ', bdi(room)), el('span', 'soft'), open, destroy), el('ul'));
    item.dataset.testid = 'admin-room';
    item.dataset.room = room;
    return item;
  }

  #update(item, { room, title, private: isPrivate, count }) {
    const [name, about, open] = item.firstElementChild.children;
    name.title = title ?? '';
    setText(about, (isPrivate ? 'private · ' : '') + counted(count, 'person', 'people'));
    open.setAttribute('aria-expanded', String(this.#open.has(room)));
    reconcile(item.lastElementChild, this.#open.has(room) ? this.#members.get(room) ?? [] : [], user => user.id,
      user => this.#member(room, user), () => {});
  }

  #member(room, user) {
    const mute = el('button', 'quiet', 'Mute here');
    const disconnect = el('button', 'quiet danger', 'Disconnect');
    for (const button of [mute, disconnect]) button.type = 'button';
    mute.dataset.testid = 'mute-here';
    disconnect.dataset.testid = 'disconnect-member';
    mute.addEventListener('click', () => this.#act(`${user.name} is muted in # ${room} for 10 minutes.`,
      () => this.#api.post(`/api/rooms/${encodeURIComponent(room)}/mute`, { user: user.id, seconds: 600 })));
    disconnect.addEventListener('click', () => this.#act(`${user.name} was disconnected.`,
      () => this.#api.post(`/api/users/${encodeURIComponent(user.id)}/disconnect`)));
    const item = el('li', '', bdi(user.name), mute, disconnect);
    item.title = user.id;
    item.dataset.user = user.id;
    return item;
  }
}
