import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  checkInstallation,
  makeDirectory,
  newInstallation,
  readInstallation,
  writeInstallation,
} from "./data-directory.ts";
import { parseSettings } from "@tidemark/installation";

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "data-directory-"));
});
afterEach(async () => rm(directory, { recursive: true }));

const path = (): string => join(directory, "installation.json");

describe("a data directory", () => {
  it("remembers what was fixed when it was created", async () => {
    expect(await readInstallation(directory)).toBeNull();
    const settings = parseSettings({ TIDEMARK_CURRENCY: "JPY", TIDEMARK_CLOCK: "event" }, {});
    const installation = newInstallation(settings, 7, null);
    await writeInstallation(directory, installation);
    expect(await readInstallation(directory)).toEqual(installation);
    expect(installation).toMatchObject({ currency: "JPY", clock: "event", timeZone: "UTC", topicPrefix: "tidemark." });
  });

  it("is made for its owner alone, and where it cannot be made the reason is said", async () => {
    const inside = join(directory, "one", "two");
    await makeDirectory(inside);
    for (const made of [inside, join(directory, "one")]) expect((await stat(made)).mode & 0o777).toBe(0o700);
    await writeFile(path(), "");
    await expect(makeDirectory(join(path(), "below"))).rejects.toThrow(
      /cannot be created: a part of the path is a file/u,
    );
  });

  it("takes the settings that agree with it or say nothing, and lists all that contradict it", () => {
    const installation = newInstallation(parseSettings({}, {}), 0, null);
    checkInstallation(directory, installation, parseSettings({ TIDEMARK_CURRENCY: "EUR" }, {}));
    const other = parseSettings(
      { TIDEMARK_CURRENCY: "USD", TIDEMARK_TIME_ZONE: "Asia/Tokyo" },
      { TIDEMARK_CLOCK: "event" },
    );
    expect(() => checkInstallation(directory, installation, other)).toThrow(/CLOCK[\s\S]*TIME_ZONE[\s\S]*CURRENCY/u);
  });

  it("is refused when a newer release made it or it is damaged", async () => {
    await writeInstallation(directory, newInstallation(parseSettings({}, {}), 0, null));
    const text = await readFile(path(), "utf8");
    await writeFile(path(), text.replace('"format": 1', '"format": 2'));
    await expect(readInstallation(directory)).rejects.toThrow("newer release");
    await writeFile(path(), text.slice(0, 20));
    await expect(readInstallation(directory)).rejects.toThrow("damaged");
    await writeFile(path(), text.replace('"wall"', '"sundial"'));
    await expect(readInstallation(directory)).rejects.toThrow("damaged");
  });
});
