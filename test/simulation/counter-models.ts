import type { Models } from "@tidemark/streams";
import type { Random } from "./random.ts";

/** Models that come into force one after the other while a run is under way. */
export class CounterModels {
  readonly #random: Random;
  /** In the order in which they came into force. */
  readonly published: string[] = ["counter-1"];

  constructor(random: Random) {
    this.#random = random;
  }

  /** Another one comes into force. */
  publish(): void {
    if (this.published.length < MODELS_MAX) this.published.push(`counter-${this.published.length + 1}`);
  }

  /** What one process has heard of them: it lags behind, and may hear of the next one between any two looks. */
  heardBy(): Models {
    let heard = this.#random.integer(this.published.length) + 1;
    const listen = (): void => {
      if (heard < this.published.length && this.#random.chance(HEARD)) heard++;
    };
    const { published } = this;
    return {
      get current() {
        listen();
        return published[heard - 1] ?? "";
      },
      has(id) {
        listen();
        return published.slice(0, heard).includes(id);
      },
    };
  }
}

const MODELS_MAX = 4;
/** How likely a process hears of the next one when it looks. */
const HEARD = 0.1;
