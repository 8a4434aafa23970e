import { describe, expect, it } from "vitest";
import { CommandFailed, exitCodes } from "./failure.ts";
import { flagOf, parseSettings } from "./settings.ts";

function failure(environment: Record<string, string>, flags: Parameters<typeof parseSettings>[1] = {}): CommandFailed {
  try {
    parseSettings(environment, flags);
  } catch (error) {
    if (error instanceof CommandFailed) return error;
  }
  throw new Error("the settings were taken");
}

describe("settings", () => {
  it("come from the environment, and a flag wins", () => {
    const settings = parseSettings(
      { TIDEMARK_PORT: "9000", TIDEMARK_CURRENCY: "USD", TIDEMARK_API_KEYS: "one, two", TIDEMARK_CLOCK: "" },
      { TIDEMARK_PORT: "9001" },
    );
    expect(settings).toMatchObject({
      TIDEMARK_PORT: 9001,
      TIDEMARK_CURRENCY: "USD",
      TIDEMARK_API_KEYS: ["one", "two"],
    });
    expect(settings.TIDEMARK_CLOCK).toBeUndefined();
  });

  it("have defaults", () => {
    expect(parseSettings({}, {})).toEqual({
      TIDEMARK_HOST: "127.0.0.1",
      TIDEMARK_PORT: 8080,
      TIDEMARK_LOG_LEVEL: "warn",
    });
  });

  it("are refused with every problem at once, by the names they were given under, without their values", () => {
    const bad = {
      TIDEMARK_CURRENCY: "secret1",
      TIDEMARK_TIME_ZONE: "secret2",
      TIDEMARK_DISCOUNT_RATE: "1e-3",
      TIDEMARK_CHURN_HORIZON_DAYS: "0",
      KAFKA_BROKERS: "localhost",
      KAFKA_SASL_USERNAME: "secret3",
    };
    const error = failure(bad, { TIDEMARK_PORT: "65536", TIDEMARK_CLOCK: "sundial" });
    expect(error.exitCode).toBe(exitCodes.configuration);
    const names = [...Object.keys(bad).filter((name) => !name.includes("USERNAME")), "--port", "--clock"];
    for (const name of names) expect(error.message).toContain(name);
    expect(error.message).not.toContain("secret");
    expect(error.message).not.toContain("sundial");
  });

  it("are checked against each other", () => {
    expect(failure({ TIDEMARK_HOST: "0.0.0.0" }).message).toContain("TIDEMARK_API_KEYS");
    expect(parseSettings({ TIDEMARK_HOST: "0.0.0.0", TIDEMARK_API_KEYS: "k" }, {}).TIDEMARK_HOST).toBe("0.0.0.0");
    expect(failure({ KAFKA_BROKERS: "a:9092" }).message).toContain("SCHEMA_REGISTRY_URL");
    expect(failure({ KAFKA_SASL_MECHANISM: "plain" }).message).toMatch(/USERNAME[\s\S]*PASSWORD/u);
    expect(failure({ KAFKA_SSL_KEY_FILE: "key" }).message).toContain("KAFKA_SSL_CERT_FILE");
  });

  it("have flags of the same name", () => {
    expect(flagOf("TIDEMARK_DATA_DIR")).toBe("--data-dir");
    expect(flagOf("KAFKA_SSL_CA_FILE")).toBe("--kafka-ssl-ca-file");
  });
});
