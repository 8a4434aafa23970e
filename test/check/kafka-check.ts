import { INSTALL_LINES, ProgramMissing } from "../kafka/java.ts";
import { kafkaDistribution } from "../kafka/kafka-distribution.ts";

/**
 * Makes ready what tests start their Kafka brokers from, before any test waits for it.
 * @returns why the tests cannot run, and what to type; null = they can
 * @throws Error with Maven's output where it does not get Kafka's jars
 */
export async function kafkaLacks(): Promise<string | null> {
  try {
    await kafkaDistribution();
    return null;
  } catch (error) {
    if (!(error instanceof ProgramMissing)) throw error;
    if ((process.env["KAFKA_BROKERS"] ?? "") === "") {
      return `the tests start Kafka brokers: ${error.message}\n${INSTALL_LINES}\nor set KAFKA_BROKERS to brokers (plain text, no login) that tests may write to.`;
    }
    console.log(
      `${error.message} The tests that kill or configure a broker are skipped; KAFKA_BROKERS serves the others.`,
    );
    return null;
  }
}
