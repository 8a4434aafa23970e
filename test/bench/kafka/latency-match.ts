/**
 * Matches events with the scores that hold them: a score's version is the number of its customer's events that it holds, so the n-th
 * event of a customer is in the first score whose version is n or more. So the latency of each event is seen from outside, of any
 * program; scores and events may be read in any order.
 */
export class LatencyMatch {
  readonly #customers = new Map<string, Customer>();
  readonly #onLatency: (appendedAt: number, latencyMs: number) => void;

  constructor(onLatency: (appendedAt: number, latencyMs: number) => void) {
    this.#onLatency = onLatency;
  }

  /** An event of the customer was read; events of a customer come in the order in which they are applied, but for a few at one time. */
  event(customerId: string, appendedAt: number): void {
    const customer = this.#of(customerId);
    customer.appendedAt.push(appendedAt);
    this.#settle(customer);
  }

  /** A score of the customer was read. */
  score(customerId: string, version: number, readAt: number): void {
    const customer = this.#of(customerId);
    customer.scores.push({ version, readAt });
    this.#settle(customer);
  }

  /** Events whose score was not read. */
  get open(): number {
    let open = 0;
    for (const { appendedAt, scored } of this.#customers.values()) open += appendedAt.length - scored;
    return open;
  }

  #of(customerId: string): Customer {
    let customer = this.#customers.get(customerId);
    if (customer === undefined) {
      customer = { appendedAt: [], scored: 0, scores: [] };
      this.#customers.set(customerId, customer);
    }
    return customer;
  }

  #settle(customer: Customer): void {
    const { appendedAt, scores } = customer;
    while (customer.scored < appendedAt.length) {
      while ((scores[0]?.version ?? Number.POSITIVE_INFINITY) <= customer.scored) scores.shift();
      const score = scores[0];
      if (score === undefined) return;
      const at = appendedAt[customer.scored++] ?? Number.NaN;
      this.#onLatency(at, Math.max(0, score.readAt - at));
    }
  }
}

interface Customer {
  /** Of each of its events so far, ms since the epoch. */
  readonly appendedAt: number[];
  /** How many of these have their score. */
  scored: number;
  /** Those that events may still be in, oldest first. */
  readonly scores: { readonly version: number; readonly readAt: number }[];
}
