/** The names of the listeners of a broker under test. */
export interface BrokerPorts {
  readonly controller: number;
  /** For brokers among themselves and the tests' own administration: plain text, without a login. */
  readonly internal: number;
  /** For the clients under test. */
  readonly client: number;
}

export interface SettingsOptions {
  readonly nodeId: number;
  /** `node@host:port` of every controller. */
  readonly voters: string;
  readonly ports: BrokerPorts;
  /** The port that clients are told to connect to: that of a proxy in front; the client listener's own if absent. */
  readonly advertisedPort?: number;
  readonly dataFolder: string;
  readonly replicationFactor: number;
  /** Settings of the client listener, and what a test asks for; they win. */
  readonly settings: Readonly<Record<string, string | number>>;
}

/** @returns the content of a broker's properties file: both roles in one process, small, quick to start and to rebalance */
export function brokerProperties(options: SettingsOptions): string {
  const { nodeId, voters, ports, dataFolder, replicationFactor } = options;
  const insync = Math.max(1, replicationFactor - 1);
  const settings: Record<string, string | number> = {
    "process.roles": "broker,controller",
    "node.id": nodeId,
    "controller.quorum.voters": voters,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "INTERNAL",
    listeners: `CONTROLLER://${HOST}:${ports.controller},INTERNAL://${HOST}:${ports.internal},CLIENT://${HOST}:${ports.client}`,
    "advertised.listeners": `INTERNAL://${HOST}:${ports.internal},CLIENT://${HOST}:${options.advertisedPort ?? ports.client}`,
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT,CLIENT:PLAINTEXT",
    "log.dirs": dataFolder,
    "offsets.topic.replication.factor": replicationFactor,
    "transaction.state.log.replication.factor": replicationFactor,
    "transaction.state.log.min.isr": insync,
    "share.coordinator.state.topic.replication.factor": replicationFactor,
    "share.coordinator.state.topic.min.isr": insync,
    "default.replication.factor": replicationFactor,
    "min.insync.replicas": insync,
    // 50 each by default: they would make the first join and the first transaction slow.
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.num.partitions": 4,
    "auto.create.topics.enable": "false",
    "group.initial.rebalance.delay.ms": 0,
    "group.min.session.timeout.ms": 1_000,
    "transaction.max.timeout.ms": 900_000,
    // A transaction whose writer is gone is aborted soon after its own timeout.
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": 500,
    // A broker that was killed is taken back as soon as it comes again.
    "broker.heartbeat.interval.ms": 500,
    "broker.session.timeout.ms": 3_000,
    // 128 MB by default, of heap.
    "log.cleaner.dedupe.buffer.size": 8 * 1024 * 1024,
    ...options.settings,
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${escaped(String(value))}\n`)
    .join("");
}

/** As Java reads a properties file: a certificate has lines. */
function escaped(value: string): string {
  return value.replaceAll("\\", String.raw`\\`).replaceAll("\n", String.raw`\n`);
}

/** Where every broker under test listens. */
export const HOST = "127.0.0.1";
