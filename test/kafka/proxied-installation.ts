import { type Broker, type BrokerOptions, startBroker } from "./broker.ts";
import { type EventFeed, type FeedOptions, openFeed } from "./event-feed.ts";
import { type Installation, type InstallationOptions, openInstallation } from "./installation.ts";
import { openTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

/** An installation on a broker of its own, whose processors come to it through a proxy; the feed and the test itself do not. */
export interface ProxiedInstallation extends AsyncDisposable {
  readonly proxy: TcpProxy;
  readonly broker: Broker;
  readonly installation: Installation;
  readonly feed: EventFeed;
}

export interface ProxiedInstallationOptions {
  readonly broker?: Omit<BrokerOptions, "advertisedPort">;
  readonly installation: Omit<InstallationOptions, "brokers" | "direct">;
  readonly feed: Omit<FeedOptions, "brokers">;
}

export async function openProxiedInstallation(options: ProxiedInstallationOptions): Promise<ProxiedInstallation> {
  await using open = new AsyncDisposableStack();
  const proxy = open.use(await openTcpProxy());
  const broker = open.use(await startBroker({ ...options.broker, advertisedPort: proxy.port }));
  proxy.connectTo(broker.clientPort);
  const direct = [broker.internal];
  const installation = open.use(
    await openInstallation({ ...options.installation, brokers: [broker.bootstrap], direct }),
  );
  open.defer(() => proxy.heal());
  const feed = open.use(await openFeed(installation, { ...options.feed, brokers: direct }));
  const closing = open.move();
  return { proxy, broker, installation, feed, [Symbol.asyncDispose]: () => closing.disposeAsync() };
}
