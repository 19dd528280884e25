/** Asks the user for something, in the one dialog of the page. */
import { $, el } from './dom.js';

let answer = null;

/**
 * Asks, and resolves with the values by name, or null when the user does not want.
 *
 * @param fields each with `name`, `label`, `type` (`text`, `checkbox`, `number`), `value`, `hint`,
 *     `required`, `max` characters
 */
export function ask({ title, text = '', fields = [], action = 'OK', isDanger = false }) {
  const dialog = $('dialog');
  answer?.(null);
  $('dialog-title').textContent = title;
  $('dialog-text').textContent = text;
  $('dialog-fields').replaceChildren(...fields.map(fieldElement));
  $('dialog-ok').textContent = action;
  $('dialog-ok').classList.toggle('danger', isDanger);
  dialog.returnValue = '';
  dialog.showModal();
  (dialog.querySelector('#dialog-fields input') ?? $('dialog-cancel')).focus();
  return new Promise(resolve => (answer = resolve));
}

function fieldElement({ name, label, type = 'text', value = '', hint = '', required = false, max = 128 }) {
  const input = el('input');
  input.name = name;
  input.type = type;
  input.dataset.testid = 'ask-' + name;
  if (type === 'checkbox') input.checked = Boolean(value);
  else Object.assign(input, { value, required, maxLength: max, autocomplete: 'off' });
  const made = type === 'checkbox' ? el('label', 'check', input, label) : el('label', '', el('span', '', label), input);
  if (hint) made.append(el('small', '', hint));
  return made;
}

function end(values) {
  const resolve = answer;
  answer = null;
  $('dialog').close();
  resolve?.(values);
}

$('dialog-form').addEventListener('submit', event => {
  event.preventDefault();
  const inputs = [...$('dialog-fields').querySelectorAll('input')];
  end(Object.fromEntries(inputs.map(input => [input.name, input.type === 'checkbox' ? input.checked : input.value.trim()])));
});
$('dialog-cancel').addEventListener('click', () => end(null));
$('dialog').addEventListener('cancel', event => {
  event.preventDefault();
  end(null);
});
