/** What a proxy does to frames of one kind. Frames of other kinds pass by them, also on the same connection. */
export interface RuleOptions {
  readonly apiKey: number;
  readonly direction: "request" | "answer";
  /** `hold` keeps them until released; `drop` loses them, connection up; `reset` loses them and the connection. */
  readonly action: "hold" | "drop" | "reset";
  /** How many it is done to before the rule is over; all if absent. */
  readonly times?: number;
}

export interface ProxyRule {
  readonly options: RuleOptions;
  /** To how many frames it was done. */
  count(): number;
  /** Resolves when it was done to the first. */
  readonly first: Promise<void>;
  /** Ends the rule; frames held go on, on connections that are still there. */
  release(): void;
}

/** The rules of a proxy, the oldest first. */
export interface ProxyRules {
  add(options: RuleOptions): ProxyRule;
  /** @param forward sends the frame on after all @returns what to do with it now */
  judge(apiKey: number, direction: RuleOptions["direction"], forward: () => void): "pass" | RuleOptions["action"];
  releaseAll(): void;
}

/** More is a test that has forgotten to release. */
const HELD_MAX = 10_000;

export function openRules(): ProxyRules {
  const active = new Map<ProxyRule, { count: number; held: (() => void)[]; done: () => void }>();

  return {
    add(options) {
      const { promise: first, resolve: done } = Promise.withResolvers<void>();
      const state = { count: 0, held: [] as (() => void)[], done };
      const rule: ProxyRule = {
        options,
        first,
        count: () => state.count,
        release() {
          active.delete(rule);
          for (const forward of state.held.splice(0)) forward();
        },
      };
      active.set(rule, state);
      return rule;
    },
    judge(apiKey, direction, forward) {
      for (const [{ options }, state] of active) {
        const { times = Number.POSITIVE_INFINITY } = options;
        if (options.apiKey !== apiKey || options.direction !== direction || state.count >= times) continue;
        state.count++;
        if (options.action === "hold") {
          if (state.held.length === HELD_MAX) throw new Error(`${HELD_MAX} frames are held and none released`);
          state.held.push(forward);
        }
        state.done();
        return options.action;
      }
      return "pass";
    },
    releaseAll() {
      for (const rule of active.keys()) rule.release();
    },
  };
}
