/** What moderators did, in words. */
import { bdi } from './dom.js';

const WORDS = {
  kick: ['took ', ' out of the room'],
  mute: ['muted ', ''],
  unmute: ['let ', ' speak again'],
  ban: ['banned ', ''],
  unban: ['let ', ' come again'],
  delete: ['deleted a message of ', ''],
  invite: ['invited ', ''],
  uninvite: ['took back the invitation of ', ''],
  appoint: ['made ', ' a moderator'],
  dismiss: ['dismissed ', ' as a moderator'],
};

/** The line of text about one thing that was done, as nodes. */
export function moderationText({ action, user, by, seconds, reason }, nameOf) {
  const [before, after] = WORDS[action] ?? ['did ' + action + ' to ', ''];
  const nodes = [by ? bdi(by.name, 'name') : 'The application', ' ' + before, bdi(nameOf(user) ?? user, 'name'), after];
  if (seconds) nodes.push(' for ' + duration(seconds));
  if (reason) nodes.push(': ', bdi(reason));
  return nodes;
}

export function duration(seconds) {
  const units = [[86_400, 'd'], [3_600, 'h'], [60, 'min']];
  const [size, unit] = units.find(([most]) => seconds >= most && seconds % most === 0) ?? [1, 's'];
  return seconds / size + ' ' + unit;
}

/** Reads how long something is meant to last, as in `10m`; null when it is no such thing. */
export function seconds(text) {
  const match = /^(\d{1,6})(s|m|h|d)$/.exec(text);
  return match ? match[1] * { s: 1, m: 60, h: 3_600, d: 86_400 }[match[2]] : null;
}
