import { NONE } from "./broker-errors.ts";
import type { Cluster } from "./cluster.ts";
import { type Asking, GatheredFetches, type Wanted } from "./gathered-fetches.ts";
import { placeOf } from "./place.ts";

/** Asked of one leader about some positions. */
export interface Question extends Asking {
  readonly key: string;
  readonly waitMs: number;
}

/**
 * Asks leaders what is there. A question waits at the broker while there is nothing, and its asker may have gone on
 * by the time it is answered, when another leader had news first. Then who next asks the same takes it up, whether
 * it still waits or was answered with records meanwhile. So a leader that is quiet, or a little slower than the
 * others, is asked once and not anew with each of their answers.
 */
export class Questions {
  readonly #fetches: GatheredFetches;
  /** Those that wait, and at most {@link ANSWERED_MAX} that were answered with records nobody has taken yet. */
  readonly #asked = new Map<string, Question>();
  readonly #answered = new Set<Question>();

  constructor(cluster: Cluster) {
    this.#fetches = new GatheredFetches(cluster);
  }

  async ask(node: number, wanted: Wanted): Promise<Question> {
    const { positions, bytesMax, waitMs } = wanted;
    const key = `${node} ${bytesMax} ${positions.map((each) => `${placeOf(each)}@${each.offset}`).join(" ")}`;
    const asked = this.#asked.get(key);
    // Who hardly waits wants to know how things are now, and who waits less would be kept too long.
    const same = asked !== undefined && waitMs >= TAKE_UP_MS_MIN && asked.waitMs <= waitMs;
    if (asked !== undefined && (same || this.#answered.has(asked))) return asked;
    const asking = await this.#fetches.ask(node, wanted);
    const question = { key, waitMs, ...asking };
    this.#asked.set(key, question);
    void this.#settle(question);
    return question;
  }

  /** Its asker has what it brought: it is not kept for another. */
  take(question: Question): void {
    this.#answered.delete(question);
    if (this.#asked.get(question.key) === question) this.#asked.delete(question.key);
  }

  async #settle(question: Question): Promise<void> {
    const [settled] = await Promise.allSettled([question.answers, question.endsToldAt]);
    if (this.#asked.get(question.key) !== question) return;
    const answers = settled.status === "fulfilled" ? settled.value : [];
    // An error that was kept would be told again and again.
    const whole = answers.every(({ fetched }) => fetched.errorCode === NONE);
    if (!whole || answers.every(({ fetched }) => fetched.recordSet.length === 0)) return this.take(question);
    this.#answered.add(question);
    for (const oldest of this.#answered) {
      if (this.#answered.size <= ANSWERED_MAX) break;
      this.take(oldest);
    }
  }
}

const TAKE_UP_MS_MIN = 10;
/** Each holds the answer of one fetch. */
const ANSWERED_MAX = 8;
