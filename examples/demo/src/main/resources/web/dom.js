/** The few things that every part of the page needs of the document. */

export const $ = id => document.getElementById(id);

/** Makes an element; children are nodes or text, never HTML. */
export function el(tag, className = '', ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
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
