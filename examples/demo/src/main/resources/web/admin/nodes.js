/** What the nodes tell of themselves, as rates over time. */
const KEPT = 150;

export class Nodes {
  #api;
  #seen = new Map(); // node -> { at, stats, rates }
  #live = [];
  history = []; // what all nodes together had and did, the newest last

  constructor(api) {
    this.#api = api;
  }

  /** Every live node, with its newest figures, or none yet. */
  get list() {
    return this.#live.map(node => ({ node, ...this.#seen.get(node) }));
  }

  /** Each answer is of one node, whichever it is: asks until all have answered, or for long enough. */
  async look() {
    const missing = new Set();
    let tries = 0;
    do {
      const stats = await this.#api.get('/api/stats');
      if (!tries) stats.nodes.forEach(node => missing.add(node));
      this.#live = stats.nodes.length ? stats.nodes : [stats.node];
      if (missing.has(stats.node) || !tries) this.#take(stats);
      missing.delete(stats.node);
      tries++;
    } while (missing.size && tries < 4 * this.#live.length);
    for (const node of this.#seen.keys()) if (!this.#live.includes(node)) this.#seen.delete(node);
    this.#sum();
  }

  #take(stats) {
    const at = performance.now();
    const before = this.#seen.get(stats.node);
    const rate = name => (before ? Math.max(0, stats[name] - before.stats[name]) / ((at - before.at) / 1000) : 0);
    const refused = ['rateLimited', 'invalidCommands'].reduce((sum, name) => sum + rate(name), 0);
    this.#seen.set(stats.node, { at, stats,
      rates: { published: rate('published'), delivered: rate('delivered'), refused } });
  }

  #sum() {
    const all = [...this.#seen.values()];
    const sum = of => all.reduce((total, one) => total + of(one), 0);
    this.history.push({
      connections: sum(one => one.stats.connections), published: sum(one => one.rates.published),
      delivered: sum(one => one.rates.delivered), refused: sum(one => one.rates.refused),
    });
    if (this.history.length > KEPT) this.history.shift();
  }
}
