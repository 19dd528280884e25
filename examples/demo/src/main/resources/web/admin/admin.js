/** The administration: asks the nodes every two seconds, and does what the buttons say. */
import { ask } from '/dialog.js';
import { $, counted, el, isolated, reconcile, setText } from '/dom.js';
import { seconds } from '/moderation.js';
import { uptime } from '/side.js';
import { Api } from './api.js';
import { Nodes } from './nodes.js';
import { Plot, shown } from './plot.js';
import { RoomList } from './rooms.js';

const EVERY_MS = 2_000;
const POINTS = 150;
const PLOTS = {
  connections: new Plot('Connections', 'plot-connections'), published: new Plot('Logged / s', 'plot-published'),
  delivered: new Plot('Delivered / s', 'plot-delivered'), refused: new Plot('Refused / s', 'plot-refused'),
};

let api;
let nodes;
let rooms;

$('login-form').addEventListener('submit', async event => {
  event.preventDefault();
  api = new Api($('key').value.trim());
  setText($('login-problem'), '');
  try {
    await api.check();
  } catch (error) {
    setText($('login-problem'), error.message);
    return;
  }
  $('key').value = '';
  $('login').hidden = true;
  $('board').hidden = false;
  nodes = new Nodes(api);
  rooms = new RoomList(api, act);
  $('plots').append(...Object.values(PLOTS).map(plot => plot.element));
  look();
});

/** Goes on for ever, one look after the other. */
async function look() {
  if (!document.hidden) await refresh();
  setTimeout(look, EVERY_MS);
}

async function refresh() {
  try {
    await Promise.all([nodes.look(), rooms.look()]);
    $('problem').hidden = true;
  } catch (error) {
    setText($('problem'), 'The server does not answer: ' + error.message);
    $('problem').hidden = false;
    return;
  }
  draw();
}

function draw() {
  const { list, history } = nodes;
  for (const [name, plot] of Object.entries(PLOTS)) plot.draw(history.map(one => one[name]), POINTS);
  const sum = name => list.reduce((total, one) => total + (one.stats?.[name] ?? 0), 0);
  setText($('summary'), [counted(list.length, 'node'), counted(sum('connections'), 'connection')].join(' · '));
  reconcile($('nodes'), list, ({ node }) => node, nodeRow, updateNode);
}

function nodeRow({ node }) {
  const row = el('tr', '', el('td', '', node), ...Array.from({ length: 8 }, () => el('td')));
  row.dataset.testid = 'admin-node';
  row.dataset.node = node;
  return row;
}

function updateNode(row, { stats, rates }) {
  const cells = [...row.children].slice(1);
  const values = stats ? [uptime(stats.uptime).replace('up ', ''), stats.connections, stats.users, stats.rooms,
    shown(rates.published), shown(rates.delivered), stats.rateLimited + stats.invalidCommands, stats.tooSlow]
    : cells.map((cell, i) => (i ? '' : 'no figures yet'));
  cells.forEach((cell, i) => setText(cell, values[i]));
}

/** Does something, says so or what went wrong, and looks again. */
async function act(done, work) {
  try {
    await work();
    if (done) setText($('done'), done);
  } catch (error) {
    setText($('done'), 'Not done: ' + error.message);
  }
  if (done) await refresh();
}

$('prefix').addEventListener('input', () => act('', () => rooms.look()));

$('user-form').addEventListener('submit', async event => {
  event.preventDefault();
  const user = $('user').value.trim();
  const action = event.submitter?.value ?? 'disconnect';
  if (!user) return;
  const body = {};
  if (action === 'mute' || action === 'ban') {
    const given = await ask({ title: (action === 'mute' ? 'Mute ' : 'Ban ') + isolated(user), action: action === 'mute' ? 'Mute' : 'Ban',
      isDanger: true, fields: [
        { name: 'time', label: 'For how long', value: '10m', hint: '30s, 10m, 2h, 7d; empty: for ever', max: 8 },
        { name: 'reason', label: 'Why', max: 200 },
      ] });
    if (!given) return;
    const time = seconds(given.time);
    if (given.time && !time) return setText($('done'), `${given.time} is no time: 30s, 10m, 2h or 7d`);
    Object.assign(body, { seconds: time ?? undefined, reason: given.reason || undefined });
  }
  const words = { disconnect: 'was disconnected', mute: 'is muted', unmute: 'may speak again', ban: 'is banned', unban: 'may come again' };
  await act(`${user} ${words[action]}.`, () => api.post(`/api/users/${encodeURIComponent(user)}/${action}`, body));
});
