import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  logLevel,
  ResourcePatternTypes,
} from "kafkajs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT } from "../integration/sandbox.ts";
import { until } from "../integration/until.ts";
import { type Apicurio, startApicurio } from "../registry/apicurio.ts";
import { type Broker, startBroker } from "./broker.ts";
import { type CertificateAuthority, openCertificateAuthority } from "./certificate-authority.ts";

// A broker that encrypts, asks who comes, and lets nobody do what is not allowed: with exactly the rights of docs/kafka.md.

const USER = { name: "tidemark", password: "right-password" };
let broker: Broker;
let registry: Apicurio;
let authority: CertificateAuthority;
let folder: string;
let environment: Readonly<Record<string, string>>;
const children: ChildProcess[] = [];

beforeAll(async () => {
  authority = await openCertificateAuthority();
  [broker, registry, folder] = await Promise.all([
    startBroker({
      security: {
        tls: { authority, clientCertificates: "none" },
        sasl: { mechanisms: ["SCRAM-SHA-512"], users: [USER] },
        acls: { superUsers: [] },
      },
    }),
    startApicurio(),
    mkdtemp(join(tmpdir(), "tidemark-rights-")),
  ]);
  const ca = join(folder, "ca.pem");
  await writeFile(ca, authority.certificate);
  environment = {
    SCHEMA_REGISTRY_URL: registry.url,
    KAFKA_BROKERS: broker.bootstrap,
    KAFKA_SSL_CA_FILE: ca,
    KAFKA_SASL_MECHANISM: "scram-sha-512",
    KAFKA_SASL_USERNAME: USER.name,
    KAFKA_SASL_PASSWORD: USER.password,
    TIDEMARK_REPLICATION: "1",
    TIDEMARK_PORT: "0",
    TIDEMARK_LOG_LEVEL: "warn",
  };
}, 120_000);

afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await Promise.all([broker, registry, authority].map(async (each) => each[Symbol.asyncDispose]()));
  await rm(folder, { recursive: true, force: true });
});

test("with the documented rights and no others, over TLS and SCRAM, an event is taken and scored", async () => {
  const administrator = {
    KAFKA_BROKERS: broker.internal,
    SCHEMA_REGISTRY_URL: registry.url,
    TIDEMARK_REPLICATION: "1",
  };
  const create = ["services/cli/src/main.ts", "topics", "create", "--partitions", "2"];
  expect(await start(create, administrator).ended).toMatchObject({ code: 0 });

  const refused = await start(["services/gateway/src/main.ts"], environment).ended;
  expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining("lacks a right, docs/kafka.md") as string });

  await allow(await documentedRights());
  const processor = start(["services/processor/src/main.ts"], environment);
  const gateway = start(["services/gateway/src/main.ts"], environment);
  const url = await until("the gateway listens", () => /http:\S+/u.exec(gateway.stdout())?.[0] ?? null, 60_000);
  const event = {
    type: "purchase",
    eventId: "1",
    customerId: "c1",
    occurredAt: Date.now() - 1_000,
    kind: "PURCHASE",
    amountMinor: 1_999,
    currency: "EUR",
  };
  const answer = await fetch(`${url}/v1/events`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ events: [event] }),
  });
  expect(await answer.json()).toEqual({ accepted: 1, rejected: [] });
  const scored = await until(
    "the customer is scored",
    async () => {
      const found = await fetch(`${url}/v1/customers/c1`);
      return found.status === 200 ? ((await found.json()) as object) : null;
    },
    60_000,
  );
  expect(scored).toMatchObject({ score: { version: 1 }, profile: { spendMinor: 1_999 } });

  await broker.kill();
  for (const [name, service] of Object.entries({ processor, gateway })) {
    const told = await until(`the ${name} tells that the broker is gone`, () => problemIn(service.stderr()), 60_000);
    expect(told).toMatchObject({
      error: { code: "LOG_UNAVAILABLE", message: expect.stringContaining("cannot be reached") as string },
    });
  }
  await broker.restart();
}, 240_000);

/** What a service has logged of its log; null = nothing yet. */
function problemIn(stderr: string): object | null {
  const lines = stderr.split("\n").slice(0, -1);
  const found = lines.find((line) => line.includes('"the log has a problem"'));
  return found === undefined ? null : (JSON.parse(found) as object);
}

test("who does not know the brokers' authority is told so", async () => {
  const { KAFKA_SSL_CA_FILE: _, ...others } = environment;
  const { code, stderr } = await start(["services/processor/src/main.ts"], {
    ...others,
    KAFKA_SSL: "true",
    TIDEMARK_DATA_DIR: join(folder, "other"),
  }).ended;
  expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.stringContaining("KAFKA_SSL_") as string });
}, 60_000);

test("who shows a wrong password is told which setting to look at, and it is in no message", async () => {
  const password = "wrong-password";
  const { code, stderr } = await start(["services/processor/src/main.ts"], {
    ...environment,
    KAFKA_SASL_PASSWORD: password,
    TIDEMARK_DATA_DIR: join(folder, "other"),
  }).ended;
  expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.stringContaining("KAFKA_SASL_") as string });
  expect(stderr).not.toContain(password);
}, 60_000);

interface Started {
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
  stdout(): string;
  stderr(): string;
}

function start(words: readonly string[], settings: Readonly<Record<string, string>>): Started {
  const [file = "", ...rest] = words;
  const child = spawn("node", [join(ROOT, file), ...rest], {
    cwd: folder,
    env: { PATH: process.env["PATH"] ?? "", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  children.push(child);
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].on("data", (chunk: Buffer) => {
      texts[name] += chunk.toString();
    });
  }
  return {
    ended: once(child, "close").then(() => ({ code: child.exitCode, stderr: texts.stderr })),
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
  };
}

type Resource = "topic" | "group" | "transactional-id";

interface Right {
  readonly operations: readonly string[];
  readonly resource: Resource;
  readonly name: string;
}

/** The kafka-acls.sh lines of the page. */
async function documentedRights(): Promise<readonly Right[]> {
  const page = await readFile(join(ROOT, "docs/kafka.md"), "utf8");
  const lines = page.split("\n").filter((line) => line.startsWith("kafka-acls.sh"));
  expect(lines).toHaveLength(3);
  return lines.map((line) => {
    const [, resource = "", name = ""] =
      /--(topic|group|transactional-id) (\S+) --resource-pattern-type prefixed$/u.exec(line) ?? [];
    expect(line).toContain(`--allow-principal User:${USER.name} `);
    return {
      operations: [...line.matchAll(/--operation (\w+)/gu)].map(([, operation = ""]) => operation),
      resource: resource as Resource,
      name,
    };
  });
}

const RESOURCES = {
  topic: AclResourceTypes.TOPIC,
  group: AclResourceTypes.GROUP,
  "transactional-id": AclResourceTypes.TRANSACTIONAL_ID,
} as const;
const OPERATIONS: Readonly<Record<string, AclOperationTypes>> = {
  Read: AclOperationTypes.READ,
  Write: AclOperationTypes.WRITE,
  Describe: AclOperationTypes.DESCRIBE,
  DescribeConfigs: AclOperationTypes.DESCRIBE_CONFIGS,
};

async function allow(rights: readonly Right[]): Promise<void> {
  const admin = new Kafka({ brokers: [broker.internal], clientId: "rights", logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await admin.createAcls({
      acl: rights.flatMap(({ operations, resource, name }) =>
        operations.map((operation) => ({
          resourceType: RESOURCES[resource],
          resourceName: name,
          resourcePatternType: ResourcePatternTypes.PREFIXED,
          principal: `User:${USER.name}`,
          host: "*",
          operation: OPERATIONS[operation] ?? AclOperationTypes.UNKNOWN,
          permissionType: AclPermissionTypes.ALLOW,
        })),
      ),
    });
  } finally {
    await admin.disconnect();
  }
}
