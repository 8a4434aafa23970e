/** What the keys of a turn emit, in the order in which they do. What one has emitted can be taken back also where others have emitted since. */
export class EmittedList<Item> {
  readonly #items: (Item | null)[] = [];

  /** Those that were taken back included. */
  get length(): number {
    return this.#items.length;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** Takes back what was emitted when the list was so long, until it was so long; left out: until now. */
  withdraw(from: number, to: number = this.#items.length): void {
    this.#items.fill(null, from, to);
  }

  kept(): Item[] {
    return this.#items.filter((item) => item !== null);
  }
}
