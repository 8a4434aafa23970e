import type { Contracts } from "@tidemark/contracts";
import type { Model, ModelShelf } from "@tidemark/scoring";
import type { Clock, EventLog } from "@tidemark/streams";
import { type Logger, seldom } from "@tidemark/telemetry";
import type { ModelPlace } from "./admit-artefact.ts";
import { ModelLibrary } from "./model-library.ts";

export interface FollowModelsOptions {
  readonly log: EventLog;
  readonly contracts: Contracts;
  readonly place: ModelPlace;
  /** In force until the topic has a champion. */
  readonly startUp: Model;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of each record that is refused. */
  readonly onRefused?: () => void;
}

/** The models of an installation as the topic brings them, until it is stopped. */
export interface FollowedModels {
  readonly shelf: ModelShelf;
  /** Resolves when all is known that the topic had at the start; never, if it cannot be reached. */
  readonly caughtUp: Promise<void>;
  /** Resolves when nothing is read any more. */
  stop(): Promise<void>;
}

/** Begins to read; until the log answers, the model of the start is in force. */
export function followModels(options: FollowModelsOptions): FollowedModels {
  const { log, contracts, place, startUp, clock, logger, onRefused } = options;
  const stop = new AbortController();
  const tell = seldom(clock);
  const library = new ModelLibrary({
    log,
    contracts,
    place,
    startUp,
    onRefused({ name, version, refusal: { code } }) {
      logger.warn("a model is refused, and what was in force stays", { model: name, version, code });
      onRefused?.();
    },
  });
  const caughtUp = Promise.withResolvers<void>();
  const running = library.run(stop.signal, {
    clock,
    onCaughtUp: caughtUp.resolve,
    onProblem: (error) => tell("problem", () => logger.warn("the models cannot be read now", { error })),
  });
  return {
    shelf: library,
    caughtUp: caughtUp.promise,
    async stop() {
      stop.abort();
      await running;
    },
  };
}
