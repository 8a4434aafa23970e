import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { findJava, findMaven } from "../../kafka/java.ts";
import type { ChildContext } from "../child.ts";
import { PEER_SOURCE, peerIsHere } from "./peer-files.ts";

/** The peer's program, compiled; or why it cannot be had. */
export type PeerBuild =
  | { readonly measured: true; readonly java: string; readonly classPath: string }
  | { readonly measured: false; readonly because: string };

/** Compiles the peer in a copy of its folder, as it asks for, once for each state of its source. */
export async function buildPeer({ signal, step }: ChildContext): Promise<PeerBuild> {
  if (!peerIsHere) return { measured: false, because: "its program does not lie beside this repository" };
  const built = join(BUILDS, await digestOf(PEER_SOURCE));
  if (!existsSync(built)) {
    step("compiling the Kafka Streams program to compare with");
    const copy = `${built}-${process.pid}`;
    await rm(copy, { recursive: true, force: true });
    await mkdir(BUILDS, { recursive: true });
    await cp(PEER_SOURCE, copy, { recursive: true, filter: (path) => !path.endsWith("/target") });
    try {
      await promisify(execFile)(await findMaven(), ["-q", "-B", "package"], {
        cwd: copy,
        signal,
        timeout: BUILD_MS_MAX,
      });
    } catch (error) {
      signal.throwIfAborted();
      step(error instanceof Error ? error.message : String(error));
      return { measured: false, because: "it could not be compiled: it takes JDK 17 and Maven" };
    }
    // Another run may have been first.
    await rename(copy, built).catch(() => rm(copy, { recursive: true, force: true }));
  }
  const target = join(built, "target");
  return {
    measured: true,
    java: (await findJava()).java,
    classPath: `${join(target, "classes")}:${join(target, "lib", "*")}`,
  };
}

/** Git ignores it, as all of `node_modules`. */
const BUILDS = fileURLToPath(new URL("../../../node_modules/.cache/bench-kafka-streams", import.meta.url));
const BUILD_MS_MAX = 600_000;

async function digestOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  for (const path of paths
    .filter((each) => /\.(java|xml|properties)$/.test(each) && !each.includes("/target/"))
    .sort()) {
    hash.update(`${path.slice(folder.length)}\n`).update(await readFile(path));
  }
  return hash.digest("hex").slice(0, 16);
}
