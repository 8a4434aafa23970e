import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout under test. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** How a process ended, and everything it said. */
export interface Finished {
  /** null where a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of the command line under way. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Finished>;
  /** What it has said so far. */
  said(): { readonly stdout: string; readonly stderr: string };
}

/** `tidemark start`, answering. */
export interface Server extends Running {
  readonly url: string;
  /** SIGTERM, and its end. */
  stop(): Promise<Finished>;
}

/** A folder of its own in which the real command line runs, a process a command; the end of the scope ends them all. */
export interface Sandbox extends AsyncDisposable {
  readonly folder: string;
  /** Runs a command to its end. */
  run(words: readonly string[], options?: RunOptions): Promise<Finished>;
  /** Starts a command and returns at once. */
  begin(words: readonly string[], options?: RunOptions): Running;
  /** `start` on any free port; resolves once it answers. @throws Error with what it said, if it ended instead */
  start(words: readonly string[], options?: RunOptions): Promise<Server>;
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
}

export async function openSandbox(): Promise<Sandbox> {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-integration-"));
  const children = new Set<Running>();

  function begin(words: readonly string[], { environment = {}, input = "" }: RunOptions = {}): Running {
    const child = spawn(process.execPath, [join(ROOT, "services/cli/src/main.ts"), ...words], {
      cwd: folder,
      env: { ...ENVIRONMENT, ...environment },
      stdio: ["pipe", "pipe", "pipe"],
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const [stdout, stderr] = [child.stdout, child.stderr].map((stream) => {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      return () => Buffer.concat(chunks).toString();
    }) as [() => string, () => string];
    const ended = once(child, "close").then((end) => {
      const [code, signal] = end as [number | null, NodeJS.Signals | null];
      children.delete(running);
      return { code, signal, stdout: stdout(), stderr: stderr() };
    });
    const running = { child, ended, said: () => ({ stdout: stdout(), stderr: stderr() }) };
    children.add(running);
    return running;
  }

  return {
    folder,
    begin,
    run: (words, { environment, ...options } = {}) =>
      // A thread costs as much to start as a small file to import; what threads change is tested where they are.
      begin(words, { ...options, environment: { TIDEMARK_WORKERS: "0", ...environment } }).ended,
    async start(words, options) {
      const running = begin(["start", "--port", "0", ...words], options);
      const url = await Promise.race([helloOf(running), running.ended]);
      if (typeof url !== "string") {
        throw new Error(`start ended with ${url.code ?? url.signal}:\n${url.stdout}${url.stderr}`);
      }
      return {
        ...running,
        url,
        async stop() {
          running.child.kill("SIGTERM");
          return running.ended;
        },
      };
    },
    async [Symbol.asyncDispose]() {
      for (const { child } of children) child.kill("SIGKILL");
      await Promise.all([...children].map(({ ended }) => ended));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Nothing of the machine's own settings; what the scripts of package.json set, so that a start costs what it costs there. */
const ENVIRONMENT = {
  PATH: process.env["PATH"] ?? "",
  UV_THREADPOOL_SIZE: "16",
  NODE_COMPILE_CACHE: join(ROOT, "node_modules/.cache/compile"),
};

/** The address in its first line, at which it answers from then on; never, if it ends without one. */
function helloOf({ child, said }: Running): Promise<string> {
  return new Promise((resolve) => {
    child.stdout?.on("data", () => {
      const url = /^tidemark: (https?:\/\/\S+)/u.exec(said().stdout)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}
