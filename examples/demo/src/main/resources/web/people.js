/** Who is in the room, how they are, and what can be done with them. */
import { $, bdi, counted, el, reconcile, setText } from './dom.js';
import { moderate } from './keeping.js';
import { avatar } from './message.js';

const names = new Intl.Collator();

export function drawPeople(room, page) {
  const drawn = [room.name, room.peopleChanges, room.count, room.moderates].join(' ');
  if ($('members').dataset.drawn === drawn) return;
  $('members').dataset.drawn = drawn;
  const users = room.isConversation
    ? new Map([page.me, room.peer].filter(user => user).map(user => [user.id, user])) : room.members;
  const count = room.isConversation ? users.size : room.count;
  setText($('people-title'), room.isConversation ? 'Between' : 'Here now');
  setText($('count'), count || '');
  setText($('people-count'), count || '');
  const people = [...users.values()].sort((a, b) => page.isMe(b) - page.isMe(a) || names.compare(a.name, b.name));
  reconcile($('members'), people, user => user.id, user => memberItem(user, page), (item, user) => {
    const status = page.who.status(user, room);
    item.classList.toggle('types', room.typing.has(user.id));
    item.dataset.status = status || 'here';
    const button = item.firstElementChild;
    setText(button.querySelector('.you'), page.isMe(user) ? '(you)' : '');
    setText(button.querySelector('.status-text'), status);
    for (const one of item.querySelectorAll('.for-moderators')) one.hidden = !room.moderates;
  });
  const more = count - people.length;
  setText($('more-members'), room.joined && more > 0 ? 'and ' + counted(more, 'other') : '');
}

function memberItem(user, page) {
  const status = el('span', 'status-text');
  status.dataset.testid = 'status';
  const button = el('button', 'person', el('span', 'face', avatar(user)), bdi(user.name, 'name'), ' ',
    el('span', 'you'), status);
  button.type = 'button';
  button.title = user.id;
  const item = el('li', '', button);
  item.dataset.testid = 'member';
  item.dataset.user = user.id;
  if (page.isMe(user)) return item;
  const doings = el('div', 'doings',
    doing('Write to', () => page.converse(user)), doing('Mention', () => page.mention(user)),
    ...['mute', 'kick', 'ban', 'appoint'].map(action => {
      const words = { mute: 'Mute', kick: 'Take out', ban: 'Ban', appoint: 'Make moderator' }[action];
      const made = doing(words, () => moderate(page, user, action));
      made.classList.add('for-moderators');
      return made;
    }));
  doings.hidden = true;
  button.setAttribute('aria-expanded', 'false');
  button.addEventListener('click', () => {
    doings.hidden = !doings.hidden;
    button.setAttribute('aria-expanded', String(!doings.hidden));
  });
  item.append(doings);
  return item;
}

function doing(words, run) {
  const made = el('button', 'quiet', words);
  made.type = 'button';
  made.dataset.testid = 'do-' + words.toLowerCase().replace(' ', '-');
  made.addEventListener('click', run);
  return made;
}
