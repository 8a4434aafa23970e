import { RegistryMisconfigured } from "./errors.ts";

export interface RegistryAuth {
  readonly username: string;
  readonly password: string;
}

export interface RegistryAddress {
  /** Scheme, host and path: nothing secret, without a slash at its end. */
  readonly place: string;
  readonly auth: RegistryAuth | null;
}

/**
 * Parts a registry's url from the user and password that it may carry, so that no message has them.
 * @param auth wins over the url's
 * @throws RegistryMisconfigured, without the url
 */
export function parseRegistryAddress(url: string, auth?: RegistryAuth): RegistryAddress {
  const parsed = URL.parse(url);
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.search !== "" || parsed.hash !== "") {
    throw new RegistryMisconfigured("SCHEMA_REGISTRY_URL must be http:// or https:// with a host and a path only");
  }
  return {
    place: `${parsed.origin}${parsed.pathname.replace(/\/+$/, "")}`,
    auth: auth ?? authOf(parsed),
  };
}

function authOf({ username, password }: URL): RegistryAuth | null {
  if (username === "" && password === "") return null;
  try {
    return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  } catch {
    throw new RegistryMisconfigured("user and password in SCHEMA_REGISTRY_URL must be percent-encoded");
  }
}
