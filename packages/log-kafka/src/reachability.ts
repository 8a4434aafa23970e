/** Tells when a broker cannot be reached, once for each time that it begins, however often it is tried. */
export class Reachability {
  readonly #onProblem: (error: unknown) => void;
  readonly #unreachable = new Set<string>();

  constructor(onProblem: (error: unknown) => void) {
    this.#onProblem = onProblem;
  }

  reached(broker: string): void {
    this.#unreachable.delete(broker);
  }

  failed(broker: string, error: unknown): void {
    if (this.#unreachable.has(broker)) return;
    this.#unreachable.add(broker);
    this.#onProblem(error);
  }
}
