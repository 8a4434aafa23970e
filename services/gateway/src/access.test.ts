import { describe, expect, test } from "vitest";
import { createAccess } from "./access.ts";
import { parseGatewayConfig } from "./config.ts";

describe("with keys", () => {
  const access = createAccess(["first-key", "second-key"]);

  test.each([
    { authorization: "Bearer first-key" },
    { authorization: "bearer second-key" },
    { "x-api-key": "second-key" },
  ])("%j opens", (headers) => {
    expect(() => access(headers)).not.toThrow();
  });

  test.each([
    {},
    { authorization: "Bearer first-ke" },
    { authorization: "Bearer first-keyy" },
    { authorization: "Basic first-key" },
    { authorization: "first-key" },
    { "x-api-key": "" },
    { "x-api-key": "third-key" },
  ])("%j does not", (headers) => {
    expect(() => access(headers)).toThrow(expect.objectContaining({ status: 401, code: "KEY_REQUIRED" }));
  });
});

describe("without keys", () => {
  const access = createAccess([]);

  test.each(["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "LOCALHOST:1"])(
    "a call to %s is for this machine",
    (host) => {
      expect(() => access({ host })).not.toThrow();
    },
  );

  test.each(["evil.example", "evil.example:8080", "127.0.0.1.evil.example", undefined])(
    "a call to %s came through a name that is not ours",
    (host) => {
      expect(() => access(host === undefined ? {} : { host })).toThrow(
        expect.objectContaining({ status: 421, code: "HOST_NOT_SERVED" }),
      );
    },
  );
});

describe("the configuration", () => {
  test("binds this machine only, unless told otherwise", () => {
    expect(parseGatewayConfig({})).toEqual({ host: "127.0.0.1", port: 8080, apiKeys: [], clock: "wall" });
  });

  test.each(["0.0.0.0", "::", "192.168.1.7", "shop.example"])("refuses %s without keys", (host) => {
    expect(() => parseGatewayConfig({ host })).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining("TIDEMARK_API_KEYS") }),
    );
  });

  test("takes any address with a key", () => {
    expect(parseGatewayConfig({ host: "0.0.0.0", apiKeys: ["secret"] }).host).toBe("0.0.0.0");
  });

  test("names all problems at once, and no key", () => {
    expect(() => parseGatewayConfig({ port: 70_000, apiKeys: ["se cret"] })).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^(?!.*se cret)[^]*port[^]*apiKeys|^(?!.*se cret)[^]*apiKeys[^]*port/),
      }),
    );
  });
});
