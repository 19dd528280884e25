/** Looks for a text in the messages of the room that are loaded. */
import { $, setText } from './dom.js';

const WAIT_MS = 120;

export class Search {
  #found = []; // ranges, the newest last
  #at = -1;
  #timer = null;
  #open;

  /** @param open called when the search is opened and closed */
  constructor(open) {
    this.#open = open;
    $('find').addEventListener('click', () => ($('search').hidden ? this.show('') : this.close()));
    $('search').addEventListener('submit', event => {
      event.preventDefault();
      this.#go(-1);
    });
    $('search-text').addEventListener('input', () => this.#look());
    $('search-up').addEventListener('click', () => this.#go(-1));
    $('search-down').addEventListener('click', () => this.#go(1));
    $('search-close').addEventListener('click', () => this.close());
    $('search').addEventListener('keydown', event => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      this.close();
    });
    // What comes, or is loaded when the reader scrolls up, is looked through too.
    new MutationObserver(() => {
      if ($('search').hidden) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#look(true), WAIT_MS);
    }).observe($('log'), { childList: true });
  }

  show(text) {
    $('search').hidden = false;
    $('find').setAttribute('aria-expanded', 'true');
    if (text) $('search-text').value = text;
    $('search-text').select();
    $('search-text').focus();
    this.#look();
    this.#open(true);
  }

  close() {
    if ($('search').hidden) return;
    $('search').hidden = true;
    $('find').setAttribute('aria-expanded', 'false');
    this.#mark([], -1);
    this.#open(false);
  }

  #look(keepPlace = false) {
    const wanted = $('search-text').value.trim().toLowerCase();
    const found = [];
    if (wanted) {
      for (const body of document.querySelectorAll('#log .message .body')) found.push(...ranges(body, wanted));
    }
    this.#found = found;
    this.#at = keepPlace ? Math.min(this.#at, found.length - 1) : found.length - 1;
    this.#mark(found, this.#at);
    if (!keepPlace) this.#reveal();
    setText($('search-count'), wanted ? (found.length ? `${this.#at + 1} of ${found.length}` : 'nothing found') : '');
  }

  #go(step) {
    if (!this.#found.length) return;
    this.#at = (this.#at + step + this.#found.length) % this.#found.length;
    this.#mark(this.#found, this.#at);
    this.#reveal();
    setText($('search-count'), `${this.#at + 1} of ${this.#found.length}`);
  }

  #reveal() {
    this.#found[this.#at]?.startContainer.parentElement.closest('.message').scrollIntoView({ block: 'center' });
  }

  /** Highlights without touching the messages; where a browser cannot, the line is marked. */
  #mark(found, at) {
    document.querySelectorAll('.message.hit').forEach(line => line.classList.remove('hit'));
    found[at]?.startContainer.parentElement.closest('.message').classList.add('hit');
    if (!globalThis.Highlight) return;
    if (!found.length) {
      CSS.highlights.delete('found');
      CSS.highlights.delete('found-now');
      return;
    }
    CSS.highlights.set('found', new Highlight(...found));
    CSS.highlights.set('found-now', new Highlight(found[at]));
  }
}

/** The places where a text occurs in an element, each within one node. */
function ranges(element, wanted) {
  const found = [];
  const nodes = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode()) {
    const node = nodes.currentNode;
    const text = node.data.toLowerCase();
    if (text.length !== node.data.length) continue; // lower case of another length: places would be wrong
    for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
      const range = new Range();
      range.setStart(node, at);
      range.setEnd(node, at + wanted.length);
      found.push(range);
    }
  }
  return found;
}
