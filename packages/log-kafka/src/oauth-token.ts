import { readFile } from "node:fs/promises";

/** Where the token of OAUTHBEARER comes from. */
export type TokenSource =
  /** A file that something else keeps fresh, such as a projected service account token. */
  | { readonly kind: "file"; readonly path: string }
  /** An OAuth 2 token endpoint, asked by the client credentials grant (RFC 6749, 4.4). */
  | {
      readonly kind: "endpoint";
      readonly url: string;
      readonly clientId: string;
      readonly clientSecret: string;
      readonly scope: string | null;
    };

/** A token could not be had. The message holds no secret and nothing of the answer. */
export class TokenUnavailable extends Error {
  readonly code = "TOKEN_UNAVAILABLE";
}

/** The broker did not take a token. */
export class TokenRefused extends Error {}

/**
 * Gives a token for each connection that is made; one from an endpoint is used again until it is nearly over.
 * @returns a function that rejects with TokenUnavailable
 */
export function tokenProvider(source: TokenSource): () => Promise<{ readonly value: string }> {
  if (source.kind === "file") return () => fromFile(source.path);
  let asking: Promise<Granted> | null = null;
  return async () => {
    for (;;) {
      const current = (asking ??= ask(source));
      try {
        const { value, usableTo } = await current;
        if (performance.now() < usableTo) return { value };
      } catch (error) {
        if (asking === current) asking = null;
        throw error;
      }
      if (asking === current) asking = null; // It is nearly over: the next is asked for once, whoever waits.
    }
  };
}

interface Granted {
  readonly value: string;
  /** Monotonic ms. */
  readonly usableTo: number;
}

const ANSWER_MS_MAX = 5_000;
const ANSWER_BYTES_MAX = 65_536;
/** A token is not used in the last part of its life, so that it is still good when the broker looks at it. */
const LIFE_USED = 0.8;
/** Where the endpoint does not say how long a token lives. */
const LIFE_SECONDS_DEFAULT = 300;

async function fromFile(path: string): Promise<{ readonly value: string }> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new TokenUnavailable("the file with the token cannot be read: look at KAFKA_SASL_TOKEN_FILE", { cause });
  }
  const value = text.trim();
  if (value === "") throw new TokenUnavailable("the file with the token is empty: look at KAFKA_SASL_TOKEN_FILE");
  return { value };
}

async function ask(source: Extract<TokenSource, { kind: "endpoint" }>): Promise<Granted> {
  const { url, clientId, clientSecret, scope } = source;
  const credentials = `${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret)}`;
  const askedAt = performance.now();
  let answer: unknown;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization: `Basic ${Buffer.from(credentials).toString("base64")}`, accept: "application/json" },
      body: new URLSearchParams({ grant_type: "client_credentials", ...(scope === null ? {} : { scope }) }),
      redirect: "error", // The secret goes nowhere else.
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    const text = await response.text();
    if (!response.ok) throw new TokenUnavailable(`the token endpoint answers with status ${response.status}`);
    if (text.length > ANSWER_BYTES_MAX) throw new TokenUnavailable("the token endpoint answers at too great a length");
    answer = JSON.parse(text);
  } catch (cause) {
    if (cause instanceof TokenUnavailable) throw cause;
    throw new TokenUnavailable("the token endpoint does not answer: look at KAFKA_SASL_TOKEN_URL", { cause });
  }
  const { access_token: value, expires_in: seconds } = (answer ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof value !== "string" || value === "") throw new TokenUnavailable("the token endpoint gave no token");
  const life = typeof seconds === "number" && seconds > 0 ? seconds : LIFE_SECONDS_DEFAULT;
  return { value, usableTo: askedAt + life * 1_000 * LIFE_USED };
}
