/** The few things that every part of the page needs of the document. */

export const $ = id => document.getElementById(id);

/** Makes an element; children are nodes or text, never HTML. */
export function el(tag, className = '', ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

const SVG = 'http://www.w3.org/2000/svg';
const ICONS = {
  smile: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM7.5 8.2v.1M12.5 8.2v.1M7 11.5c1.6 2.4 4.4 2.4 6 0',
  reply: 'M8 5L3 10l5 5M3 10h8a6 6 0 0 1 6 6',
  edit: 'M4 16l.8-3.6L13.4 3.8a1.5 1.5 0 0 1 2.1 0l.7.7a1.5 1.5 0 0 1 0 2.1L7.6 15.2z',
  lock: 'M5 9h10v7H5zM7 9V6.5a3 3 0 0 1 6 0V9',
  trash: 'M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6',
};

/** A drawing that says nothing to those who do not see it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', ICONS[name]);
  svg.append(path);
  return svg;
}

/** A button with a drawing; the label is what it says instead. */
export function iconButton(name, label, run) {
  const made = el('button', 'icon', icon(name));
  made.type = 'button';
  made.title = label;
  made.setAttribute('aria-label', label);
  made.addEventListener('click', run);
  return made;
}

/** Text that cannot disturb what stands next to it, whatever its direction. */
export function bdi(text, className = '') {
  return el('bdi', className, text);
}

/** The same for places that take text only, as the title does. */
export function isolated(text) {
  return '\u2068' + text + '\u2069';
}

/** Changes text only when it is another: a screen reader hears of changes. */
export function setText(element, text) {
  if (element.textContent !== String(text)) element.textContent = text;
}

/** Brings a list's children in line with items, touching only what differs. */
export function reconcile(parent, items, keyOf, make, update) {
  const old = new Map([...parent.children].map(child => [child.dataset.key, child]));
  let before = parent.firstElementChild;
  for (const item of items) {
    const key = keyOf(item);
    let child = old.get(key);
    if (child) {
      old.delete(key);
    } else {
      child = make(item);
      child.dataset.key = key;
    }
    update(child, item);
    if (child === before) before = before.nextElementSibling;
    else parent.insertBefore(child, before);
  }
  old.forEach(child => child.remove());
}

export function counted(n, one, many = one + 's') {
  return n + ' ' + (n === 1 ? one : many);
}

export function remembered(key) {
  try {
    return localStorage.getItem('roomcast.' + key);
  } catch {
    return null; // private mode
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem('roomcast.' + key, value);
  } catch {
    // private mode: not remembered
  }
}
