/** Offers names after an @ and commands after a / while somebody types. */
import { $, bdi, el, setText } from './dom.js';

const MOST = 6;

export class Completion {
  #text;
  #sources;
  #list = $('completion');
  #begin = 0;
  #at = -1;

  /** @param sources `names()`, `commands()`, `changed()` after something was put in */
  constructor(text, sources) {
    this.#text = text;
    this.#sources = sources;
    text.addEventListener('blur', () => this.close());
    // Not `click`: the field would lose the focus before.
    this.#list.addEventListener('pointerdown', event => {
      const option = event.target.closest('li');
      event.preventDefault();
      if (option) this.#take(option);
    });
  }

  update() {
    const before = this.#text.value.slice(0, this.#text.selectionStart);
    const command = /^\/[a-z]*$/i.exec(before);
    const mention = /(?<![\p{L}\p{N}_@/.])@([^@\n]{0,40})$/u.exec(before);
    if (command) this.#offer(0, this.#matching(this.#sources.commands(), before.toLowerCase(), ''));
    else if (mention) this.#offer(mention.index, this.#matching(this.#sources.names(), mention[1].toLowerCase(), '@'));
    else this.close();
  }

  /** Names that begin so come before those of which a later word does. */
  #matching(all, typed, sign) {
    const begins = all.filter(name => name.toLowerCase().startsWith(typed));
    const within = all.filter(name => !begins.includes(name) && name.toLowerCase().includes(' ' + typed));
    return [...begins, ...within].slice(0, MOST).map(name => sign + name);
  }

  #offer(begin, options) {
    const typed = this.#text.value.slice(begin, this.#text.selectionStart);
    if (!options.length || (options.length === 1 && options[0] === typed)) return this.close();
    this.#begin = begin;
    this.#list.replaceChildren(...options.map((option, i) => {
      const made = el('li', '', bdi(option));
      made.id = 'option-' + i;
      made.setAttribute('role', 'option');
      return made;
    }));
    this.#list.hidden = false;
    setText($('completion-said'), options.length === 1 ? '1 suggestion' : options.length + ' suggestions');
    this.#choose(0);
  }

  #choose(at) {
    this.#at = at;
    [...this.#list.children].forEach((option, i) => option.setAttribute('aria-selected', String(i === at)));
    this.#text.setAttribute('aria-activedescendant', 'option-' + at);
  }

  close() {
    if (this.#list.hidden) return;
    this.#list.hidden = true;
    this.#text.removeAttribute('aria-activedescendant');
    setText($('completion-said'), '');
  }

  /** Whether the key was for the list. */
  key(event) {
    if (this.#list.hidden || event.isComposing) return false;
    const count = this.#list.children.length;
    if (event.key === 'ArrowDown') this.#choose((this.#at + 1) % count);
    else if (event.key === 'ArrowUp') this.#choose((this.#at + count - 1) % count);
    else if (event.key === 'Tab' && !event.shiftKey) this.#take(this.#list.children[this.#at]);
    else if (event.key === 'Enter' && !event.shiftKey) return this.#enter();
    else if (event.key === 'Escape') this.close();
    else return false;
    event.stopPropagation();
    return true;
  }

  /** A command that is typed to its end is sent, not completed. */
  #enter() {
    const option = this.#list.children[this.#at];
    if (option.textContent === this.#text.value.slice(this.#begin, this.#text.selectionStart)) {
      this.close();
      return false;
    }
    this.#take(option);
    return true;
  }

  #take(option) {
    this.#text.setRangeText(option.textContent + ' ', this.#begin, this.#text.selectionStart, 'end');
    this.close();
    this.#sources.changed();
  }
}
