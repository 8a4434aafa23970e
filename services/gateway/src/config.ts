import { z } from "zod";

/** Hosts that only programs on this machine can reach. */
export const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

/** What the gateway is told; the defaults stand beside the fields. */
export const gatewayConfigSchema = z
  .object({
    host: z.string().min(1).default("127.0.0.1"),
    /** 0 takes any free port. */
    port: z.int().min(0).max(65_535).default(8080),
    /** Static keys, any one of which opens every call. */
    apiKeys: z.array(z.string().regex(/^\S+$/, "a key has no white space and is not empty")).default([]),
    /** `wall` refuses events too far ahead of now; in `event` only ticks say what now is. */
    clock: z.enum(["wall", "event"]).default("wall"),
  })
  .refine((config) => LOOPBACK_HOSTS.has(config.host) || config.apiKeys.length > 0, {
    path: ["host"],
    message:
      "an address that other machines reach needs TIDEMARK_API_KEYS (keys separated by commas); without keys only 127.0.0.1 is bound",
  });

export type GatewayConfig = z.infer<typeof gatewayConfigSchema>;

/** The configuration contradicts itself or a rule: refuse to start, exit code 3. The message holds no key. */
export class ConfigInvalid extends Error {
  readonly code = "CONFIG_INVALID";
}

/** All problems together. @throws ConfigInvalid */
export function parseGatewayConfig(input: z.input<typeof gatewayConfigSchema>): GatewayConfig {
  const result = gatewayConfigSchema.safeParse(input);
  if (result.success) return result.data;
  throw new ConfigInvalid(z.prettifyError(result.error));
}
