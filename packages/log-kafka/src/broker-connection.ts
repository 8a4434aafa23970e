import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import type { ISocketFactory, SASLOptions } from "kafkajs";
import kafkajs from "kafkajs/package.json" with { type: "json" };
import Connection from "kafkajs/src/network/connection.js";
import createSocketFactory from "kafkajs/src/network/socketFactory.js";
import { assert } from "@tidemark/streams";
import { apiVersionsRequest } from "./api-versions-request.ts";
import { NoAnswer, requireNone } from "./broker-errors.ts";
import type { BrokerRequest } from "./broker-request.ts";
import type { Reachability } from "./reachability.ts";
import { metadataRequest } from "./small-requests.ts";
import { TokenRefused } from "./oauth-token.ts";

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

export interface ConnectionSettings {
  readonly clientId: string;
  readonly ssl: ConnectionOptions | null;
  readonly sasl: SASLOptions | null;
  readonly connectMsMax: number;
  readonly requestMsMax: number;
  readonly throttleMsMax: number;
  readonly reachability: Reachability;
}

/**
 * One socket to one broker, on kafkajs's own. A broker works through the requests of a connection one by one, so a
 * request that waits there holds up those behind it: who waits has a connection of its own.
 *
 * It ends with the first request that is not answered: what else was under way on it is not known either, and
 * a socket that has gone dead without a word looks just like this.
 */
export class BrokerConnection {
  readonly #connection: Connection;
  readonly #socket: () => Socket | null;
  #features: ReadonlyMap<string, number> = new Map();
  #apis: ReadonlySet<number> = new Set();

  /** @throws NoAnswer */
  static async open(settings: ConnectionSettings, { host, port }: BrokerAddress): Promise<BrokerConnection> {
    assert(kafkajs.version === KAFKAJS_VERSION, `kafkajs is ${KAFKAJS_VERSION}: its inside is used`);
    let socket: Socket | null = null;
    const socketFactory: ISocketFactory = (options) => (socket = createSocket(options));
    const { clientId, ssl, sasl, connectMsMax, requestMsMax } = settings;
    const connection = new Connection({
      host,
      port,
      clientId,
      ssl,
      sasl,
      socketFactory,
      connectionTimeout: connectMsMax,
      requestTimeout: requestMsMax,
      enforceRequestTimeout: true,
      logger: SILENT,
    });
    unburdenQueue(connection);
    boundThrottle(connection, settings.throttleMsMax);
    const opened = new BrokerConnection(connection, () => socket);
    try {
      await connection.connect();
      const { errorCode, apiVersions, features } = await connection.send(apiVersionsRequest());
      requireNone(errorCode, "ApiVersions");
      opened.#features = features;
      opened.#apis = new Set(apiVersions.map(({ apiKey }) => apiKey));
      connection.setVersions(Object.fromEntries(apiVersions.map(({ apiKey, ...range }) => [apiKey, range])));
      connection.setSupportAuthenticationProtocol(apiVersions.some(({ apiKey }) => apiKey === SASL_AUTHENTICATE));
      await connection.authenticate();
      if (sasl?.mechanism === "oauthbearer") await requireAdmitted(connection);
      settings.reachability.reached(`${host}:${port}`);
      return opened;
    } catch (error) {
      opened.close();
      const failure = new NoAnswer(`broker ${host}:${port} cannot be reached`, { sent: false, cause: error });
      settings.reachability.failed(`${host}:${port}`, failure);
      throw failure;
    }
  }

  private constructor(connection: Connection, socket: () => Socket | null) {
    this.#connection = connection;
    this.#socket = socket;
  }

  get ended(): boolean {
    return !this.#connection.isConnected();
  }

  /** The level of each feature that the cluster has finalized, as the broker said when it was connected to. */
  get features(): ReadonlyMap<string, number> {
    return this.#features;
  }

  /** Whether the broker takes requests of this API key, in any version. */
  takes(apiKey: number): boolean {
    return this.#apis.has(apiKey);
  }

  /** @throws NoAnswer */
  async send<Answer>(request: BrokerRequest<Answer>): Promise<Answer> {
    if (this.ended) throw new NoAnswer("the connection has ended", { sent: false });
    try {
      return await this.#connection.send(request);
    } catch (error) {
      this.close();
      throw new NoAnswer(`${request.request.apiName}: no answer`, { sent: true, cause: error });
    }
  }

  /** At once; what is under way gets no answer. */
  close(): void {
    // kafkajs's `disconnect` waits for answers; an error of the socket does not, and rejects what is under way.
    this.#socket()?.destroy(new Error("the connection was closed"));
  }
}

/**
 * A broker that does not take a token says so in a challenge, which kafkajs does not look at, and answers whatever comes next
 * with an error and nothing else in it: no broker, where there is always one.
 */
async function requireAdmitted(connection: Connection): Promise<void> {
  const { brokers } = await connection.send(metadataRequest([]));
  if (brokers.length === 0) throw new TokenRefused("the broker does not take the token");
}

const KAFKAJS_VERSION = "2.2.4";
const SASL_AUTHENTICATE = 36;
const createSocket: ISocketFactory = createSocketFactory();

/** Whatever kafkajs has to say comes as an error too, and is told by whom it concerns; its messages hold addresses and buffers. */
const SILENT = {
  namespace: (): object => SILENT,
  error: () => {},
  warn: () => {},
  info: () => {},
  debug: () => {},
};

/**
 * kafkajs sets a timer after every answer to look after requests that wait, with a negative time where none does,
 * which Node warns of. Requests wait only while the broker throttles.
 */
function unburdenQueue({ requestQueue }: Connection): void {
  const schedule = requestQueue.scheduleCheckPendingRequests;
  requestQueue.scheduleCheckPendingRequests = () => {
    if (requestQueue.pending.length > 0) schedule.call(requestQueue);
  };
}

/** What waits for the throttle to end has no bound of kafkajs's: that begins when the request is sent. */
function boundThrottle({ requestQueue }: Connection, msMax: number): void {
  const throttle = requestQueue.maybeThrottle;
  requestQueue.maybeThrottle = (ms) => throttle.call(requestQueue, Math.min(ms, msMax));
}
