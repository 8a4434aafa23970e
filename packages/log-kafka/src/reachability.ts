export interface ReachabilityOptions {
  readonly onUnreachable: (error: unknown) => void;
  /** @param broker `host:port` */
  readonly onReachedAgain: (broker: string) => void;
}

/** Tells when a broker cannot be reached, once for each time that it begins, however often it is tried; and when it ends. */
export class Reachability {
  readonly #options: ReachabilityOptions;
  readonly #unreachable = new Set<string>();

  constructor(options: ReachabilityOptions) {
    this.#options = options;
  }

  reached(broker: string): void {
    if (this.#unreachable.delete(broker)) this.#options.onReachedAgain(broker);
  }

  failed(broker: string, error: unknown): void {
    if (this.#unreachable.has(broker)) return;
    this.#unreachable.add(broker);
    this.#options.onUnreachable(error);
  }
}
