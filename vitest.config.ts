import { defineConfig } from "vitest/config";

const LONG = process.env["TIDEMARK_TEST_LONG"] === "1";

/** What starts brokers for tests has tests of its own, which take a minute: whatever breaks it breaks the tests that use it, too. */
const HARNESS = ["broker", "broker-security", "cluster", "console-consumer", "tcp-proxy", "topic-space"];

export default defineConfig({
  test: {
    // A process a file: native stores and kill -9 tests share nothing.
    pool: "forks",
    maxWorkers: "100%",
    include: ["packages/*/src/**/*.test.ts", "services/*/src/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["test/kafka/shared-broker-setup.ts"],
    exclude: [
      "**/node_modules/**",
      "**/.planted/**",
      ...(LONG ? [] : HARNESS.map((name) => `test/kafka/${name}.test.ts`)),
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: { include: ["packages/*/src/**/*.ts", "services/*/src/**/*.ts"], exclude: ["**/*.d.ts", "**/index.ts"] },
  },
});
