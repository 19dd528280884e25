/** What was begun and not sent, per room, also over a reload. */
import { remember, remembered } from './dom.js';

const MOST = 50;
const LONGEST = 4_000;
const SAVE_MS = 300;

let drafts = null; // room name -> text, the one changed last at the end
let timer = null;

export function draftOf(room) {
  return load().get(room) ?? '';
}

export function saveDraft(room, text) {
  const all = load();
  if ((all.get(room) ?? '') === (text ?? '')) return;
  all.delete(room);
  if (text && text.length <= LONGEST) all.set(room, text);
  if (all.size > MOST) all.delete(all.keys().next().value);
  timer ??= setTimeout(writeDrafts, SAVE_MS);
}

/** Writes at once what would be written soon: the page goes. */
export function writeDrafts() {
  clearTimeout(timer);
  timer = null;
  if (drafts) remember('drafts', JSON.stringify([...drafts]));
}

export function forgetDrafts() {
  drafts = new Map();
  writeDrafts();
}

function load() {
  if (drafts) return drafts;
  try {
    const saved = JSON.parse(remembered('drafts') ?? '[]');
    drafts = new Map(saved.filter(([room, text]) => typeof room === 'string' && typeof text === 'string'));
  } catch {
    drafts = new Map(); // somebody else wrote there
  }
  return drafts;
}
