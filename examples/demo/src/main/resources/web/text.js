/** What users write, as nodes: web addresses become links, names after an @ are marked. */
import { el } from './dom.js';

const SPECIAL = /\bhttps?:\/\/[^\s<>"'`\p{C}]+|(?<![\p{L}\p{N}_@/.])@(?=\S)/giu;

/**
 * @param names the names that may be mentioned, lower case, the longest first
 * @param isMe whether a name, lower case, is this user's
 */
export function textNodes(text, names = [], isMe = () => false) {
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(SPECIAL)) {
    if (match.index < at) continue;
    const made = match[0] === '@' ? mention(text, match.index, names, isMe) : link(match[0]);
    if (!made) continue;
    nodes.push(text.slice(at, match.index), made);
    at = match.index + made.textContent.length;
  }
  nodes.push(text.slice(at));
  return nodes.filter(node => node !== '');
}

/** Whether the text mentions one of these names. */
export function mentions(text, names) {
  return [...text.matchAll(SPECIAL)].some(match => match[0] === '@' && named(text, match.index, names));
}

function mention(text, at, names, isMe) {
  const name = named(text, at, names);
  if (!name) return null;
  return el('span', isMe(name) ? 'mention to-me' : 'mention', text.slice(at, at + 1 + name.length));
}

function named(text, at, names) {
  return names.find(name => {
    const after = text.slice(at + 1 + name.length, at + 2 + name.length);
    return text.slice(at + 1, at + 1 + name.length).toLowerCase() === name && !/[\p{L}\p{N}_]/u.test(after);
  });
}

/** A link that gives the other page nothing of ours. */
function link(match) {
  const address = withoutTail(match);
  if (!URL.canParse(address)) return null;
  const made = el('a', '', address);
  made.href = address;
  made.rel = 'noopener noreferrer nofollow';
  made.target = '_blank';
  made.dir = 'ltr';
  return made;
}

/** A full stop, or a bracket that was opened before the address, is the sentence's. */
function withoutTail(address) {
  let kept = address.replace(/[.,;:!?…]+$/u, '');
  while (/[)\]}]$/.test(kept)) {
    const close = kept.at(-1);
    const open = { ')': '(', ']': '[', '}': '{' }[close];
    if (kept.split(open).length >= kept.split(close).length) break;
    kept = kept.slice(0, -1).replace(/[.,;:!?…]+$/u, '');
  }
  return kept;
}
