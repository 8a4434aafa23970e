import { defineConfig } from "vitest/config";

const LONG = process.env["TIDEMARK_TEST_LONG"] === "1";

/**
 * Files of `test/kafka` that only `npm run test:long` runs: those on what starts brokers for tests, since whatever breaks it breaks
 * the tests that use it too; those that show with whole processors, in minutes, what others show of the log alone in seconds; and
 * those on networks and logins that fail, which take the time of time-outs.
 */
const LONG_ONLY = [
  "broker",
  "broker-restarts",
  "broker-security",
  "cluster",
  "kafka-log-cluster",
  "kafka-log-faults",
  "kafka-log-security",
  "console-consumer",
  "leader-changes",
  "least-privilege",
  "long-stop",
  "million-profiles",
  "scale-out",
  "store-recovery",
  "tcp-proxy",
  "topic-space",
  "topics-changed",
  "transaction-version",
  "unknown-commit",
];

export default defineConfig({
  test: {
    // Processes, since native stores are open in them; what is killed is a process of its own. A process does one file after the other:
    // one for each would load vitest and the modules 250 times, a quarter of all CPU. So a file puts back what it changes of its process.
    pool: "forks",
    isolate: false,
    // More than cores: a test that waits for a broker leaves its core to another.
    maxWorkers: "150%",
    include: ["packages/*/src/**/*.test.ts", "services/*/src/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["test/kafka/shared-broker-setup.ts"],
    exclude: [
      "**/node_modules/**",
      "**/.planted/**",
      ...(LONG ? [] : LONG_ONLY.map((name) => `test/kafka/${name}.test.ts`)),
      // Of imports that are killed, `import-fit` has the case with a model; of several threads, `processor-threads` has all but the command.
      ...(LONG
        ? []
        : [
            "test/registry/confluent-registry.test.ts",
            "test/integration/import-crash.test.ts",
            "test/integration/workers.test.ts",
          ]),
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: { include: ["packages/*/src/**/*.ts", "services/*/src/**/*.ts"], exclude: ["**/*.d.ts", "**/index.ts"] },
  },
});
