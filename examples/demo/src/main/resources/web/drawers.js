/** The panels beside the messages, which on a narrow window lie over them. */
import { $ } from './dom.js';

const PANELS = ['side', 'main', 'people'];

/** A panel that on a narrow window lies over the messages: one is open at most. */
export class Drawers {
  #open = null;

  constructor(...pairs) {
    for (const [button, panel] of pairs) {
      button.addEventListener('click', () => (this.#open ? this.close() : this.#show(button, panel)));
      panel.querySelector('[data-close]').addEventListener('click', () => this.close());
    }
    $('shade').addEventListener('click', () => this.close());
    document.addEventListener('keydown', event => event.key === 'Escape' && this.close());
    // A window that got wider has room for everything.
    matchMedia('(min-width: 641px)').addEventListener('change', () => this.close(false));
    matchMedia('(min-width: 1001px)').addEventListener('change', () => this.close(false));
  }

  #show(button, panel) {
    this.#open = { button, panel };
    panel.classList.add('open');
    button.setAttribute('aria-expanded', 'true');
    for (const other of PANELS) $(other).inert = other !== panel.id;
    $('shade').hidden = false;
    (panel.querySelector('[aria-current]') ?? panel.querySelector('[data-close]')).focus();
  }

  close(refocus = true) {
    if (!this.#open) return;
    const { button, panel } = this.#open;
    this.#open = null;
    panel.classList.remove('open');
    button.setAttribute('aria-expanded', 'false');
    for (const other of PANELS) $(other).inert = false;
    $('shade').hidden = true;
    if (refocus) button.focus();
  }
}
