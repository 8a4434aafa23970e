import { BrokerConnection, type BrokerAddress, type ConnectionSettings } from "./broker-connection.ts";
import { NoAnswer } from "./broker-errors.ts";
import type { BrokerRequest } from "./broker-request.ts";

/**
 * The connections of one user to the brokers, one to each, made when first needed and again when they have ended. A
 * request waits only behind others of the same user.
 */
export class Link {
  readonly #settings: ConnectionSettings;
  readonly #addressOf: (node: number) => BrokerAddress | undefined;
  readonly #open = new Map<number, Opened>();
  #closed = false;

  constructor(settings: ConnectionSettings, addressOf: (node: number) => BrokerAddress | undefined) {
    this.#settings = settings;
    this.#addressOf = addressOf;
  }

  /** @throws NoAnswer */
  async send<Answer>(node: number, request: BrokerRequest<Answer>): Promise<Answer> {
    const connection = await this.connectionTo(node);
    return connection.send(request);
  }

  /** The level of a feature that the cluster has finalized, as this broker said; 0 where it did not. @throws NoAnswer */
  async featureLevel(node: number, feature: string): Promise<number> {
    const { features } = await this.connectionTo(node);
    return features.get(feature) ?? 0;
  }

  /** At once; what is under way gets no answer. */
  close(): void {
    this.#closed = true;
    for (const { connecting } of this.#open.values()) void closeWhenOpen(connecting);
    this.#open.clear();
  }

  /** While a broker runs and is reached this is the same one; another one says that it may have been away. @throws NoAnswer */
  async connectionTo(node: number): Promise<BrokerConnection> {
    if (this.#closed) throw new NoAnswer("the log is closed", { sent: false });
    const address = this.#addressOf(node);
    if (address === undefined) throw new NoAnswer(`broker ${node} is not known`, { sent: false });
    const open = this.#open.get(node);
    if (open !== undefined && open.address.host === address.host && open.address.port === address.port) {
      const connection = await open.connecting;
      if (!connection.ended) return connection;
    }
    // Whoever comes meanwhile waits for the same connection.
    if (this.#open.get(node) === open) this.#connect(node, address, open);
    return this.connectionTo(node);
  }

  #connect(node: number, address: BrokerAddress, former: Opened | undefined): void {
    if (former !== undefined) void closeWhenOpen(former.connecting);
    const connecting = BrokerConnection.open(this.#settings, address);
    const opened = { address, connecting };
    this.#open.set(node, opened);
    connecting.catch(() => {
      if (this.#open.get(node) === opened) this.#open.delete(node);
    });
  }
}

interface Opened {
  readonly address: BrokerAddress;
  readonly connecting: Promise<BrokerConnection>;
}

async function closeWhenOpen(connecting: Promise<BrokerConnection>): Promise<void> {
  const [opened] = await Promise.allSettled([connecting]);
  if (opened.status === "fulfilled") opened.value.close();
}
