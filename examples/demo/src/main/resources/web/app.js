/** Starts the page: coming in, colours, and what the buttons do. */
import { createRoom } from './keeping.js';
import { $, remember, remembered, setText } from './dom.js';
import { forgetDrafts, writeDrafts } from './drafts.js';
import { refuseFiles } from './files.js';
import { avatar } from './message.js';
import { Page } from './page.js';

const page = new Page({
  loggedIn: user => {
    $('login').hidden = true;
    $('app').hidden = false;
    $('me').textContent = user.name;
    $('me-avatar').replaceChildren(avatar(user));
  },
  failed: () => {
    $('login-button').disabled = false;
    setText($('login-button'), 'Come in');
    setText($('login-problem'), 'No connection yet: the server is away, or does not accept this name. Trying again…');
  },
});

$('name').value = remembered('name') ?? '';
$('name').select();
$('login-form').addEventListener('submit', event => {
  event.preventDefault();
  const name = $('name').value.trim();
  if (!name) {
    setText($('login-problem'), 'Please give a name.');
    $('name').focus();
    return;
  }
  remember('name', name);
  setText($('login-problem'), '');
  $('login-button').disabled = true;
  setText($('login-button'), 'Connecting…');
  page.enter(name);
});
$('name').addEventListener('input', () => {
  $('login-button').disabled = false;
  setText($('login-button'), 'Come in');
});

// Others see us leave at once, also when the browser keeps the page for the way back.
addEventListener('pagehide', () => {
  writeDrafts();
  page.chat?.close();
});
addEventListener('pageshow', event => event.persisted && page.chat?.connect());

$('again').addEventListener('click', () => page.chat.connect());
$('leave').addEventListener('click', () => page.leave());
$('new-private').addEventListener('click', () => createRoom(page));
$('logout').addEventListener('click', () => {
  forgetDrafts();
  location.reload();
});
$('create').addEventListener('submit', event => {
  event.preventDefault();
  const name = $('new-room').value.trim().replace(/^#\s*/, '');
  $('new-room').value = '';
  if (name) page.show(name);
});
document.addEventListener('keydown', event => {
  if (!page.me || !event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
  event.preventDefault();
  page.step(event.key === 'ArrowUp' ? -1 : 1);
});
refuseFiles(text => page.me && page.note(text, { error: true }));

const dark = matchMedia('(prefers-color-scheme: dark)');

function showTheme() {
  const theme = document.documentElement.dataset.theme ?? (dark.matches ? 'dark' : 'light');
  $('theme').setAttribute('aria-pressed', String(theme === 'dark'));
  return theme;
}

$('theme').addEventListener('click', () => {
  document.documentElement.dataset.theme = showTheme() === 'dark' ? 'light' : 'dark';
  remember('theme', showTheme());
});
dark.addEventListener('change', showTheme);
showTheme();
