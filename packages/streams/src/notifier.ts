/** Lets one loop wait for another: `wait` resolves at the next `notify`, or at once if one came since the last wait. */
export class Notifier {
  #pending = false;
  #wake: (() => void) | null = null;

  notify(): void {
    this.#pending = true;
    this.#wake?.();
  }

  wait(): Promise<void> {
    if (this.#pending) {
      this.#pending = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null;
        this.#pending = false;
        resolve();
      };
    });
  }
}
