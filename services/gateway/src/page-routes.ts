import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { fastifyStatic } from "@fastify/static";
import type { HttpServer } from "./http-server.ts";

/** The dashboard, the page of the interface, and the modules they are made of: no build, nothing from elsewhere. */
export async function addPageRoutes(server: HttpServer): Promise<void> {
  await server.register(fastifyStatic, { root: PAGE_FOLDER, serve: false, cacheControl: false });
  for (const [url, file] of Object.entries({ "/": "index.html", "/docs": "docs.html" })) {
    const page = readPage(file);
    server.get(url, { config: { open: true }, schema: { hide: true } }, (_request, reply) =>
      reply.type("text/html; charset=utf-8").headers(page.headers).send(page.bytes),
    );
  }
  for (const [url, path] of Object.entries(ASSETS)) {
    server.get(url, { config: { open: true }, schema: { hide: true } }, (_request, reply) =>
      reply.header("cache-control", "no-cache").sendFile(basename(path), dirname(path)),
    );
  }
}

const PAGE_FOLDER = fileURLToPath(new URL("../page", import.meta.url));

const PAGE_FILES = [
  "api.js",
  "base-panel.js",
  "breakdown.js",
  "customer-card.js",
  "docs.css",
  "docs.js",
  "event-stream.js",
  "format.js",
  "header.js",
  "key-dialog.js",
  "language.js",
  "main.js",
  "mark.svg",
  "page.js",
  "rate-chart.js",
  "score-list.js",
  "style.css",
  "tiles.js",
] as const;

/** Bare names of the page's modules, and where they are served. */
const IMPORTS = {
  preact: "/assets/modules/preact.mjs",
  "preact/hooks": "/assets/modules/preact-hooks.mjs",
  htm: "/assets/modules/htm.mjs",
  "htm/preact": "/assets/modules/htm-preact.mjs",
  uplot: "/assets/modules/uplot.mjs",
} as const;

const ASSETS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(PAGE_FILES.map((name) => [`/assets/page/${name}`, `${PAGE_FOLDER}/${name}`])),
  [IMPORTS.preact]: resolveFile("preact"),
  [IMPORTS["preact/hooks"]]: resolveFile("preact/hooks"),
  [IMPORTS.htm]: resolveFile("htm"),
  [IMPORTS["htm/preact"]]: resolveFile("htm/preact"),
  // Its package names no module for Node, which would get CommonJS.
  [IMPORTS.uplot]: resolveFile("uplot/dist/uPlot.esm.js"),
  "/assets/modules/uplot.css": resolveFile("uplot/dist/uPlot.min.css"),
};

function readPage(file: string): { readonly bytes: Buffer; readonly headers: Readonly<Record<string, string>> } {
  const importMap = JSON.stringify({ imports: IMPORTS });
  const html = readFileSync(`${PAGE_FOLDER}/${file}`, "utf8").replace(/\s*IMPORT_MAP\s*/, () => importMap);
  return {
    bytes: Buffer.from(html),
    headers: {
      "cache-control": "no-cache",
      // The import map is the only script in the page itself: it is let in by its digest.
      "content-security-policy": [
        "default-src 'none'",
        `script-src 'self' 'sha256-${createHash("sha256").update(importMap).digest("base64")}'`,
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join("; "),
    },
  };
}

/** The file that `import name` loads. */
function resolveFile(name: string): string {
  return fileURLToPath(import.meta.resolve(name));
}
