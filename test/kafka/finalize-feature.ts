import { kafkaDistribution } from "./kafka-distribution.ts";
import { archiveArguments, programArguments, run, SHORT_LIVED } from "./kafka-program.ts";

/**
 * Raises or lowers the level of a feature of a cluster, with Kafka's own tool. Its brokers hear of it a moment later.
 * @param address host:port of a listener without encryption and login
 */
export async function finalizeFeature(
  address: string,
  direction: "upgrade" | "downgrade",
  feature: string,
  level: number,
): Promise<void> {
  const programs = await kafkaDistribution();
  const tool = programArguments(programs, "org.apache.kafka.tools.FeatureCommand");
  const words = ["--bootstrap-server", address, direction, "--feature", `${feature}=${level}`];
  await run(programs.java, [...SHORT_LIVED, ...archiveArguments(programs), ...tool, ...words]);
}
