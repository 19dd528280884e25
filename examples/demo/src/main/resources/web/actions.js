/** What can be done with a message: the bar that appears at the one under the pointer or the focus. */
import { $, el, iconButton } from './dom.js';

const EMOJI = ['👍', '❤️', '😂', '🎉', '😮', '😢', '🙏', '👀'];

export class MessageActions {
  #speech;
  #bar = $('actions');
  #line = null;
  #buttons;

  /** @param speech `messageAt(offset)`, `may(message)`, `react`, `reply`, `edit`, `remove` */
  constructor(speech) {
    this.#speech = speech;
    this.#buttons = {
      react: iconButton('smile', 'React', () => this.#showEmoji(true)),
      reply: iconButton('reply', 'Reply', () => this.#do('reply')),
      edit: iconButton('edit', 'Edit', () => this.#do('edit')),
      remove: iconButton('trash', 'Delete', () => this.#do('remove')),
    };
    for (const [name, button] of Object.entries(this.#buttons)) button.dataset.testid = 'action-' + name;
    this.#bar.append(...Object.values(this.#buttons), this.#emoji());
    const list = $('log');
    list.addEventListener('pointerover', event => {
      // Who chooses an emoji has not done with the message.
      if (event.pointerType === 'mouse' && this.#bar.lastElementChild.hidden) this.#at(event.target);
    });
    list.addEventListener('focusin', event => this.#at(event.target));
    list.addEventListener('click', event => {
      const chip = event.target.closest('.reaction');
      if (chip) this.#react(event.target, chip.dataset.emoji, chip.getAttribute('aria-pressed') !== 'true');
      else if (!event.target.closest('a, button')) event.target.closest('.message')?.focus({ preventScroll: true });
    });
    list.addEventListener('keydown', event => this.#key(event));
    this.#bar.addEventListener('keydown', event => this.#barKey(event));
    $('scroll').addEventListener('pointerleave', event => {
      // A finger leaves with every touch.
      if (event.pointerType === 'mouse' && !this.#bar.matches(':focus-within')) this.hide();
    });
    $('scroll').addEventListener('keydown', event => {
      if (event.target !== $('scroll') || event.key !== 'ArrowUp') return;
      event.preventDefault();
      this.#messages.at(-1)?.focus();
    });
    document.addEventListener('focusin', event => {
      if (this.#line && !$('scroll').contains(event.target)) this.hide();
    });
  }

  hide() {
    this.#line = null;
    this.#bar.hidden = true;
    this.#showEmoji(false);
  }

  get #messages() {
    return [...$('log').querySelectorAll('.message')];
  }

  #emoji() {
    const group = el('span', 'emoji');
    group.hidden = true;
    for (const emoji of EMOJI) {
      const button = el('button', 'icon', emoji);
      button.type = 'button';
      button.setAttribute('aria-label', 'React with ' + emoji);
      button.dataset.emoji = emoji;
      button.addEventListener('click', () => {
        const line = this.#line;
        this.#react(line, emoji, true);
        this.hide();
        line?.focus({ preventScroll: true });
      });
      group.append(button);
    }
    return group;
  }

  #showEmoji(shown) {
    const group = this.#bar.lastElementChild;
    group.hidden = !shown;
    for (const button of Object.values(this.#buttons)) button.classList.toggle('away', shown);
    if (shown) group.firstElementChild.focus();
  }

  #message(element) {
    return this.#speech.messageAt(Number(element?.closest('.message')?.dataset.offset));
  }

  #at(target) {
    const line = target.closest('.message');
    if (!line || (line === this.#line && !this.#bar.hidden)) return;
    const message = this.#message(line);
    if (!message || message.deleted) return this.hide();
    // It may be the same one, drawn anew because somebody reacted.
    const isAnother = this.#bar.hidden || line.dataset.offset !== this.#line?.dataset.offset;
    this.#line = line;
    if (isAnother) this.#showEmoji(false);
    const may = this.#speech.may(message);
    for (const [name, button] of Object.entries(this.#buttons)) button.hidden = !may[name];
    this.#bar.hidden = false;
    this.#bar.setAttribute('aria-label', 'What to do with the message of ' + message.user.name);
    this.#bar.style.top = Math.max(2, line.offsetTop - 16) + 'px';
  }

  #do(what) {
    const message = this.#message(this.#line);
    const line = this.#line;
    this.hide();
    if (message) this.#speech[what](message, line);
  }

  #react(element, emoji, on) {
    const message = this.#message(element);
    if (message) this.#speech.react(message, emoji, on);
  }

  /** Up and down go from message to message, Enter and Tab to what can be done with it. */
  #key(event) {
    const line = event.target.closest('.message');
    if (!line) return;
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.target !== line) {
      if (!step) return;
      event.preventDefault();
      return line.focus();
    }
    if (step) {
      event.preventDefault();
      const messages = this.#messages;
      const next = messages[messages.indexOf(line) + step];
      if (next) next.focus();
      else if (step > 0) $('text').focus();
    } else if (event.key === 'Enter' || (event.key === 'Tab' && !event.shiftKey)) {
      if (this.#bar.hidden) this.#at(line);
      if (this.#bar.hidden) return;
      event.preventDefault();
      this.#shown[0]?.focus();
    } else if (event.key === 'Escape') {
      $('text').focus();
    }
  }

  get #shown() {
    return [...this.#bar.querySelectorAll('button')].filter(button => button.offsetParent);
  }

  #barKey(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      event.preventDefault();
      const shown = this.#shown;
      shown[(shown.indexOf(event.target) + step + shown.length) % shown.length].focus();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      if (!this.#bar.lastElementChild.hidden) {
        this.#showEmoji(false);
        this.#buttons.react.focus();
      } else {
        this.#line?.focus({ preventScroll: true });
      }
    } else if (event.key === 'Tab' && !event.shiftKey && event.target === this.#shown.at(-1)) {
      event.preventDefault();
      $('text').focus();
    }
  }
}
