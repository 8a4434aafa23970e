import type { z } from "zod";

/** What a text says in JSON; null where it is something else, or no JSON. */
export function jsonIn<Schema extends z.ZodType>(schema: Schema, text: string): z.infer<Schema> | null {
  try {
    const result = schema.safeParse(JSON.parse(text));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}
