import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium, type Browser } from "playwright-core";

/** The packed Chromium is built for this platform only; elsewhere skip: `describe.skipIf(!browserRunsHere)`. */
export const browserRunsHere = process.platform === "linux" && process.arch === "x64";

/**
 * Starts a headless Chromium that needs nothing of the machine: binary, libraries and fonts come from the npm package
 * @sparticuz/chromium. The caller closes it. Works as root, so without Chromium's sandbox: for our own pages only.
 */
export async function launchBrowser(): Promise<Browser> {
  const unpacked = await unpackOnce();
  return chromium.launch({
    executablePath: join(unpacked, "chromium"),
    chromiumSandbox: false,
    args: ["--disable-gpu"],
    env: {
      ...environment(),
      // Chromium's libraries too, which a machine without a desktop lacks; taken before the machine's own.
      LD_LIBRARY_PATH: join(unpacked, "al2023", "lib"),
      FONTCONFIG_PATH: join(unpacked, "fonts"),
      XDG_CACHE_HOME: join(unpacked, "cache"),
    },
  });
}

const PACKAGE = fileURLToPath(new URL("..", import.meta.resolve("@sparticuz/chromium")));
const CACHE = fileURLToPath(new URL("../../node_modules/.cache/chromium", import.meta.url));

/**
 * Unpacks beside the target and renames, so that test files which start at once never run a half-written binary:
 * whoever is second throws its copy away.
 * @returns the folder that holds `chromium`, `al2023/lib` and `fonts`
 */
async function unpackOnce(): Promise<string> {
  const target = join(CACHE, "unpacked");
  if (existsSync(target)) return target;
  await mkdir(CACHE, { recursive: true });
  const folder = await mkdtemp(join(CACHE, "unpacking-"));
  try {
    await unpackInto(folder);
    await rename(folder, target);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

/** The package unpacks into the temporary folder of its process: hence a process of its own. */
async function unpackInto(folder: string): Promise<void> {
  const script = `
    import { inflate } from "@sparticuz/chromium";
    await Promise.all(["chromium.br", "al2023.tar.br", "fonts.tar.br"].map((name) => inflate(process.argv[1] + name)));
  `;
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script, join(PACKAGE, "bin/")], {
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    env: { ...process.env, TMPDIR: folder },
  });
  // The package's own file names folders of the machine it was made for.
  await writeFile(join(folder, "fonts/fonts.conf"), FONTS);
}

/** The packed font first, so that pages look alike everywhere; the machine's for letters that it lacks. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <alias><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
</fontconfig>
`;

function environment(): Record<string, string> {
  const defined = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return Object.fromEntries(defined);
}
