import { randomUUID } from "node:crypto";
import { SchemaIncompatible, SchemaNotFound, type SchemaRegistry } from "@tidemark/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type OpenRegistryUnderTest, recordSchema, type RegistryUnderTest } from "./registry-under-test.ts";

/** The promises of {@link SchemaRegistry}, against the port only. */
export function schemaRegistryConformance(name: string, open: OpenRegistryUnderTest): void {
  describe(`${name} keeps the promises of a SchemaRegistry`, () => {
    let under: RegistryUnderTest;
    let registry: SchemaRegistry;
    let subject: string;

    beforeEach(async () => {
      under = await open();
      ({ registry } = under);
      subject = `conformance-${randomUUID()}-value`;
    });
    afterEach(() => under.dispose());

    it("gives a schema an id by which its text is had, before and after it is opened again", async () => {
      const schema = recordSchema({ at: "long" });
      const id = await registry.register(subject, schema, "FULL_TRANSITIVE");
      expect(id).toBeGreaterThanOrEqual(1);
      expect(id).toBeLessThan(2 ** 31);
      expect(JSON.parse(await registry.fetch(id))).toEqual(JSON.parse(schema));
      ({ registry } = await under.reopen());
      expect(JSON.parse(await registry.fetch(id))).toEqual(JSON.parse(schema));
      expect(await registry.register(subject, schema, "FULL_TRANSITIVE")).toBe(id);
    });

    it("gives one schema one id, whatever its subject and layout", async () => {
      const schema = recordSchema({ at: "long" });
      const id = await registry.register(subject, schema, "FULL_TRANSITIVE");
      const spaced = JSON.stringify(JSON.parse(schema), null, 4);
      expect(await registry.register(subject, spaced, "FULL_TRANSITIVE")).toBe(id);
      expect(await registry.register(`other-${subject}`, schema, "BACKWARD_TRANSITIVE")).toBe(id);
    });

    it("gives two schemas two ids, also those of one subject, and the older one keeps its own", async () => {
      const [first, second] = [recordSchema({ at: "long" }), recordSchema({ at: "long", by: ["string", ""] })];
      const ids = [
        await registry.register(subject, first, "FULL_TRANSITIVE"),
        await registry.register(subject, second, "FULL_TRANSITIVE"),
      ];
      expect(ids[0]).not.toBe(ids[1]);
      // As a process of the older version does that starts after one of the newer.
      expect(await registry.register(subject, first, "FULL_TRANSITIVE")).toBe(ids[0]);
      expect(JSON.parse(await registry.fetch(ids[1] ?? 0))).toEqual(JSON.parse(second));
    });

    it("keeps what is registered at the same time apart", async () => {
      const names = Array.from({ length: 8 }, (_, index) => `at${index}`);
      const ids = await Promise.all(
        names.map((field) =>
          registry.register(`${field}-${subject}`, recordSchema({ [field]: "long" }), "FULL_TRANSITIVE"),
        ),
      );
      expect(new Set(ids).size).toBe(names.length);
      const texts = await Promise.all(ids.map((id) => registry.fetch(id)));
      expect(texts.map((text) => JSON.parse(text) as unknown)).toEqual(
        names.map((field) => JSON.parse(recordSchema({ [field]: "long" })) as unknown),
      );
    });

    it("gives one schema one id also where several register it at the same time", async () => {
      const schema = recordSchema({ [`at${randomUUID().replaceAll("-", "")}`]: "long" });
      const ids = await Promise.all(
        Array.from({ length: 4 }, () => registry.register(subject, schema, "FULL_TRANSITIVE")),
      );
      expect(new Set(ids).size).toBe(1);
    });

    it("does not find an id that nobody was given, whatever number it is", async () => {
      for (const id of [2 ** 31 - 1, 2 ** 31, 0, -1, 1.5]) {
        await expect(registry.fetch(id)).rejects.toBeInstanceOf(SchemaNotFound);
      }
    });

    it("refuses what old code could not read where the policy is FULL_TRANSITIVE, and names the field", async () => {
      await registry.register(subject, recordSchema({ at: "long", by: "string" }), "FULL_TRANSITIVE");
      const registering = registry.register(subject, recordSchema({ at: "long" }), "FULL_TRANSITIVE");
      await expect(registering).rejects.toBeInstanceOf(SchemaIncompatible);
      await expect(registering).rejects.toMatchObject({ code: "SCHEMA_INCOMPATIBLE", subject, field: "/by" });
      await expect(registering).rejects.toThrow(`${subject}, field /by: `);
    });

    it("allows the same where the policy is BACKWARD_TRANSITIVE", async () => {
      await registry.register(subject, recordSchema({ at: "long", by: "string" }), "BACKWARD_TRANSITIVE");
      const id = await registry.register(subject, recordSchema({ at: "long" }), "BACKWARD_TRANSITIVE");
      expect(JSON.parse(await registry.fetch(id))).toEqual(JSON.parse(recordSchema({ at: "long" })));
    });

    it.each(["BACKWARD_TRANSITIVE", "FULL_TRANSITIVE"] as const)(
      "refuses what cannot read what was written, whichever version wrote it: %s",
      async (policy) => {
        await registry.register(subject, recordSchema({ at: "long", by: ["string", ""] }), policy);
        await registry.register(subject, recordSchema({ at: "long" }), policy);
        // The newest version alone would allow it.
        const registering = registry.register(subject, recordSchema({ at: "long", by: ["long", 0] }), policy);
        await expect(registering).rejects.toMatchObject({ code: "SCHEMA_INCOMPATIBLE", subject, field: "/by" });
        const needs = registry.register(subject, recordSchema({ at: "long", more: "string" }), policy);
        await expect(needs).rejects.toMatchObject({ code: "SCHEMA_INCOMPATIBLE", subject, field: "/more" });
      },
    );
  });
}
