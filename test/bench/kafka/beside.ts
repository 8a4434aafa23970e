import { join } from "node:path";
import { type Broker, startBroker } from "../../kafka/broker.ts";
import type { BenchmarkContext } from "../benchmark.ts";
import { runKafkaJob } from "./our-program.ts";
import { buildPeer } from "./peer-build.ts";
import type { PeerSettings } from "./peer-program.ts";
import type { KafkaSizes } from "./sizes.ts";
import type { EventsWanted } from "./workload-events.ts";

export type KafkaContext = BenchmarkContext<KafkaSizes>;

/** A broker with the events of a benchmark, for both programs. */
export interface Beside extends AsyncDisposable {
  readonly broker: Broker;
  /** Prefix of the input topics. */
  readonly inputs: string;
  /** Where the stores of the programs are. */
  readonly directory: string;
  /** null where the peer cannot be had. */
  peer(run: string): PeerSettings | null;
  /** A sentence for the notes of tables; "" where the peer is measured. */
  readonly peerNote: string;
}

/** Starts a broker that lets the machine's virtual machine compile as well as it can, and appends the events. */
export async function openBeside(context: KafkaContext, wanted: Partial<EventsWanted>): Promise<Beside> {
  const built = await buildPeer(context);
  context.step("starting a broker");
  const broker = await startBroker({ compiler: "long", heapMegabytes: BROKER_HEAP_MB });
  try {
    const directory = await context.directory();
    context.step(`appending ${wanted.events} events`);
    const log = { kind: "kafka", broker: broker.bootstrap };
    await runKafkaJob("append", { log, inputs: INPUTS, wanted }, context);
    return {
      broker,
      inputs: INPUTS,
      directory,
      peerNote: built.measured ? "" : ` Kafka Streams is not measured: ${built.because}.`,
      peer(run) {
        if (!built.measured) return null;
        const { java, classPath } = built;
        const application = `bench.ks-${run}`;
        const state = join(directory, `ks-${run}`);
        return { java, classPath, broker: broker.bootstrap, prefix: INPUTS, application, state };
      },
      [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
    };
  } catch (error) {
    await broker[Symbol.asyncDispose]();
    throw error;
  }
}

/** What our program is told of a run. */
export function ourInput(
  { broker, inputs, directory }: Beside,
  run: string,
): { log: { kind: "kafka"; broker: string }; inputs: string; own: string; stores: string } {
  const log = { kind: "kafka", broker: broker.bootstrap } as const;
  return { log, inputs, own: `${inputs}own-${run}.`, stores: join(directory, `own-${run}`) };
}

/** Where a run's scores are: ours, and the peer's. */
export function scoresTopics(run: string): readonly [string, string] {
  return [`${INPUTS}own-${run}.scores`, `${INPUTS}scores`];
}

const INPUTS = "bench.";
const BROKER_HEAP_MB = 1_024;
