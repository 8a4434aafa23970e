import { describe, expect, it } from "vitest";
import { flagOf, parseSettings } from "./settings.ts";
import { SettingsInvalid } from "./settings-invalid.ts";

function failure(
  environment: Record<string, string>,
  flags: Parameters<typeof parseSettings>[1] = {},
): SettingsInvalid {
  try {
    parseSettings(environment, flags);
  } catch (error) {
    if (error instanceof SettingsInvalid) return error;
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
      TIDEMARK_REPLICATION: 3,
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
    expect(error.code).toBe("CONFIG_INVALID");
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
    expect(failure({ KAFKA_SASL_PASSWORD: "secret" }).message).toContain("KAFKA_SASL_MECHANISM");
    expect(failure({ KAFKA_SASL_MECHANISM: "oauthbearer" }).message).toMatch(/TOKEN_URL[\s\S]*TOKEN_FILE/u);
    const withToken = { KAFKA_SASL_MECHANISM: "oauthbearer", KAFKA_SASL_TOKEN_FILE: "token" };
    expect(parseSettings(withToken, {}).KAFKA_SASL_TOKEN_FILE).toBe("token");
    expect(failure({ SCHEMA_REGISTRY_USERNAME: "me" }).message).toContain("SCHEMA_REGISTRY_PASSWORD");
    expect(failure({ KAFKA_SSL_KEY_FILE: "key" }).message).toContain("KAFKA_SSL_CERT_FILE");
  });

  it("have flags of the same name", () => {
    expect(flagOf("TIDEMARK_DATA_DIR")).toBe("--data-dir");
    expect(flagOf("KAFKA_SSL_CA_FILE")).toBe("--kafka-ssl-ca-file");
  });
});
