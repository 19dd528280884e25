/** A small line over time. */
import { el, setText } from '/dom.js';

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 300;
const HEIGHT = 76;

export class Plot {
  element = el('div', 'plot');
  #name;
  #now = el('strong');
  #most = el('p');
  #svg = shape('svg', '');
  #fill = shape('polygon', 'fill');
  #line = shape('polyline', 'line');

  constructor(name, testId) {
    this.#name = name;
    this.#svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    this.#svg.setAttribute('preserveAspectRatio', 'none');
    this.#svg.setAttribute('role', 'img');
    this.#svg.append(this.#fill, this.#line);
    this.#now.dataset.testid = testId;
    this.element.append(el('h3', '', name, this.#now), this.#svg, this.#most);
  }

  draw(values, most) {
    const top = Math.max(1, ...values) * 1.1;
    const step = WIDTH / (most - 1);
    const first = WIDTH - step * (values.length - 1);
    const points = values.map((value, i) => `${(first + i * step).toFixed(1)},${(HEIGHT - 2 - value / top * (HEIGHT - 6)).toFixed(1)}`);
    this.#line.setAttribute('points', points.join(' '));
    this.#fill.setAttribute('points', [`${first.toFixed(1)},${HEIGHT}`, ...points, `${WIDTH},${HEIGHT}`].join(' '));
    const now = shown(values.at(-1) ?? 0);
    const highest = shown(Math.max(0, ...values));
    setText(this.#now, now);
    setText(this.#most, 'most ' + highest);
    this.#svg.setAttribute('aria-label', `${this.#name}: ${now} now, ${highest} at most in the last minutes`);
  }
}

export function shown(value) {
  return value >= 100 || Number.isInteger(value) ? Math.round(value).toLocaleString() : value.toFixed(1);
}

function shape(tag, className) {
  const made = document.createElementNS(SVG, tag);
  if (className) made.setAttribute('class', className);
  return made;
}
