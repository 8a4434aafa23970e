import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // A process a file: native stores and kill -9 tests share nothing.
    pool: "forks",
    maxWorkers: "100%",
    include: ["packages/*/src/**/*.test.ts", "services/*/src/**/*.test.ts", "test/**/*.test.ts"],
    globalSetup: ["test/kafka/shared-broker-setup.ts"],
    exclude: ["**/node_modules/**", "**/.planted/**"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    coverage: { include: ["packages/*/src/**/*.ts", "services/*/src/**/*.ts"], exclude: ["**/*.d.ts", "**/index.ts"] },
  },
});
