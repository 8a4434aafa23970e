"use strict";

/**
 * The arrows of the layout, importer → imported: a package may import those named here, a service any package, the
 * command line the services too; nothing else of ours. `test/check/boundaries.ts` runs it and asserts that every
 * source file was seen.
 */
const PACKAGE_ARROWS = {
  contracts: [],
  models: [],
  scoring: ["models", "contracts"],
  streams: [],
  clock: ["streams"],
  "log-embedded": ["streams"],
  "log-kafka": ["streams"],
  "store-level": ["streams"],
  installation: ["contracts", "clock", "log-embedded", "log-kafka", "scoring", "streams", "telemetry"],
  telemetry: [],
  "thread-channel": ["streams"],
};
const COMPOSING_SERVICES = ["cli"];
/** What only tests import is not shipped: development dependencies will do. */
const TESTS = "\\.(test|bench|arbitrary)\\.ts$";

module.exports = {
  forbidden: [
    ...Object.entries(PACKAGE_ARROWS).map(([name, imported]) => ({
      name: `packages-${name}`,
      comment: `packages/${name} imports ${imported.length === 0 ? "nothing" : imported.join(" and ")} of ours`,
      severity: "error",
      from: { path: `^packages/${name}/` },
      to: { path: "^(packages|services|test)/", pathNot: `^packages/(${[name, ...imported].join("|")})/` },
    })),
    {
      name: "package-without-arrows",
      comment: "a new package gets its arrows in .dependency-cruiser.cjs",
      severity: "error",
      from: { path: "^packages/", pathNot: `^packages/(${Object.keys(PACKAGE_ARROWS).join("|")})/` },
      to: {},
    },
    {
      name: "services",
      comment: "a service imports packages, and no other service",
      severity: "error",
      from: { path: "^services/([^/]+)/", pathNot: `^services/(${COMPOSING_SERVICES.join("|")})/` },
      to: { path: "^(services|test)/", pathNot: "^services/$1/" },
    },
    {
      name: "tests-are-not-imported",
      severity: "error",
      from: { path: "^(packages|services)/" },
      to: { path: "^test/" },
    },
    {
      name: "only-the-front-door",
      comment:
        "another package is imported by its name, that is, through its index.ts, or that of a part with a door of its own",
      severity: "error",
      from: { path: "^(packages|services)/([^/]+)/" },
      to: {
        path: "^(packages|services)/[^/]+/src/",
        pathNot: ["^$1/$2/", "/src/index\\.ts$", "/src/[^/]+/index\\.ts$"],
      },
    },
    {
      name: "no-cycle",
      comment: "modules that need each other to start; types alone may go round",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "resolvable",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "declared",
      comment: "what a package imports stands in its own package.json",
      severity: "error",
      from: { path: "^(packages|services)/", pathNot: TESTS },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown", "npm-dev"], pathNot: "@types/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    // Copies of the runtime that the simulation makes to break them.
    exclude: { path: "/\\.planted/" },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
    tsConfig: { fileName: "tsconfig.json" },
  },
};
