/** Desktop notifications: when the user wants them, and does not look at the page. */
import { $, remember, remembered } from './dom.js';
import { excerpt } from './message.js';

const supported = 'Notification' in globalThis;

export class Notifications {
  #show;
  #wanted = remembered('notify') === 'on';

  /** @param show shows the room of a notification that was clicked */
  constructor(show) {
    this.#show = show;
    $('notify').hidden = !supported;
    $('notify').addEventListener('click', () => this.#toggle());
    this.#draw();
  }

  get #on() {
    return supported && this.#wanted && Notification.permission === 'granted';
  }

  async #toggle() {
    this.#wanted = !this.#on;
    if (this.#wanted && Notification.permission !== 'granted') await Notification.requestPermission();
    remember('notify', this.#wanted ? 'on' : 'off');
    this.#draw();
  }

  #draw() {
    $('notify').setAttribute('aria-pressed', String(this.#on));
    $('notify').title = supported && Notification.permission === 'denied'
      ? 'The browser does not allow notifications of this page'
      : 'Notifications of mentions and of what is said to you alone';
  }

  /** Tells of a message that is for this user, unless the page is being looked at. */
  tell(room, message) {
    if (!this.#on || !document.hidden) return;
    const title = message.user.name + (room.isConversation ? '' : ' in ' + room.label);
    try {
      const shown = new Notification(title, { body: excerpt(message), tag: room.name, icon: '/icon.svg' });
      shown.onclick = () => {
        window.focus();
        this.#show(room.name);
        shown.close();
      };
    } catch (error) {
      // Phones have notifications of service workers only.
      console.info('no notification:', error.message);
    }
  }
}
