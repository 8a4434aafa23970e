import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tokenProvider, TokenUnavailable } from "./oauth-token.ts";

let server: Server;
let answers: { readonly status: number; readonly body: string }[];
let asked: { readonly authorization: string | undefined; readonly body: string }[];
let directory: string;

beforeEach(async () => {
  answers = [];
  asked = [];
  directory = await mkdtemp(join(tmpdir(), "tidemark-token-"));
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      asked.push({ authorization: request.headers.authorization, body });
      const { status, body: text } = answers.shift() ?? { status: 500, body: "" };
      response.writeHead(status).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true });
});

test("a token of an endpoint is asked for by client credentials, once for all who wait, and used again", async () => {
  answers.push({ status: 200, body: '{"access_token":"one","expires_in":300}' });
  const token = tokenProvider(endpoint());
  expect(await Promise.all([token(), token()])).toEqual([{ value: "one" }, { value: "one" }]);
  expect(await token()).toEqual({ value: "one" });
  expect(asked).toEqual([
    { authorization: `Basic ${btoa("me:s%3Acret")}`, body: "grant_type=client_credentials&scope=kafka" },
  ]);
});

test("a token that is over is asked for again", async () => {
  answers.push({ status: 200, body: '{"access_token":"one","expires_in":1e-9}' });
  answers.push({ status: 200, body: '{"access_token":"two"}' });
  expect(await tokenProvider(endpoint())()).toEqual({ value: "two" });
});

test.each([
  ["a refusal", 401, '{"error":"invalid_client"}'],
  ["what is no JSON", 200, "<html>"],
  ["an answer without a token", 200, "{}"],
])("%s is TokenUnavailable, without a secret, and the next one asks again", async (_, status, body) => {
  answers.push({ status, body }, { status: 200, body: '{"access_token":"later"}' });
  const token = tokenProvider(endpoint());
  const error: unknown = await token().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TokenUnavailable);
  expect(String(error)).not.toMatch(/cret|html|invalid_client/u);
  expect(await token()).toEqual({ value: "later" });
});

test("a token in a file is read at each connection", async () => {
  const path = join(directory, "token");
  const token = tokenProvider({ kind: "file", path });
  await expect(token()).rejects.toThrow(TokenUnavailable);
  await writeFile(path, "first\n");
  expect(await token()).toEqual({ value: "first" });
  await writeFile(path, "second");
  expect(await token()).toEqual({ value: "second" });
});

function endpoint() {
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}/token`;
  return { kind: "endpoint", url, clientId: "me", clientSecret: "s:cret", scope: "kafka" } as const;
}
