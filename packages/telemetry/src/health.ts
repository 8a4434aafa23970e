/** What readiness depends on. */
export type HealthComponent = "log" | "store" | "registry";

/** True when the component can do its work now. A throw or no answer in time counts as false. */
export type HealthProbe = (signal: AbortSignal) => boolean | Promise<boolean>;

export interface HealthReport {
  readonly status: "ok" | "unavailable";
  readonly checks: Readonly<Record<HealthComponent, "ok" | "unavailable">>;
}

export interface Health {
  /** Asks every component at once. Never rejects, and answers within the timeout. */
  check(): Promise<HealthReport>;
}

export interface HealthOptions {
  /** How long a probe may take, ms. */
  readonly timeoutMs: number;
}

/** The readiness of a process: `ok` only if every component is; a body for `/readyz`, 200 or 503. */
export function createHealth(probes: Readonly<Record<HealthComponent, HealthProbe>>, options: HealthOptions): Health {
  return {
    async check() {
      const [log, store, registry] = await Promise.all([
        answer(probes.log, options.timeoutMs),
        answer(probes.store, options.timeoutMs),
        answer(probes.registry, options.timeoutMs),
      ]);
      const ready = log === "ok" && store === "ok" && registry === "ok";
      return { status: ready ? "ok" : "unavailable", checks: { log, store, registry } };
    },
  };
}

async function answer(probe: HealthProbe, timeoutMs: number): Promise<"ok" | "unavailable"> {
  const abort = new AbortController();
  const late = Promise.withResolvers<false>();
  const timer = setTimeout(() => late.resolve(false), timeoutMs);
  try {
    return (await Promise.race([probe(abort.signal), late.promise])) ? "ok" : "unavailable";
  } catch {
    // The report says which component; why is for that component's own log.
    return "unavailable";
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}
