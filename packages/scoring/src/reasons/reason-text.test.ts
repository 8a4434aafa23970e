import { expect, test } from "vitest";
import { defaultArtefact } from "../default-artefact.ts";
import { createModel } from "../model.ts";
import { reasonText } from "./reason-text.ts";
import { SAMPLE_START, sampleProfile } from "../sample-profile.ts";
import { score } from "../score.ts";

const silence = {
  code: "SILENCE",
  params: { silentDays: 59.7, purchaseDays: 3, horizonDays: 90, probability: 0.668 },
  logit: 0.7,
};

test("a reason is worded in English and Chinese", () => {
  expect(reasonText(silence, "en")).toBe(
    "59 days without a purchase after 3 purchase days: 67 % chance of none in the next 90 days",
  );
  expect(reasonText(silence, "zh-CN")).toBe("在 3 个购买日之后已有 59 天未购买:未来 90 天内不再购买的概率为 67 %");
  expect(reasonText({ code: "COMPLAINT_OPEN", params: { open: 1 }, logit: 1 }, "en")).toBe("1 complaint still open");
});

test("a day that a score ends is counted, though its last millisecond is not over", () => {
  const last = (days: number): number => days - 1 / 86_400_000;
  const words = (silentDays: number): string =>
    reasonText({ ...silence, params: { ...silence.params, silentDays } }, "en").split(" without")[0] ?? "";
  for (const whole of [1, 2, 59, 400, 5_000]) {
    expect(words(last(whole))).toBe(whole === 1 ? "1 day" : `${whole} days`);
    expect(words(whole)).toBe(words(last(whole)));
    expect(words(last(last(last(whole))))).toBe(whole === 2 ? "1 day" : `${whole - 1} days`);
  }
});

test("every reason a score can give has words in both languages", () => {
  const artefact = defaultArtefact();
  const model = createModel({ ...artefact, hazard: { ...artefact.hazard, intercept: 0.1 } });
  const life = { purchases: [{ day: 0, amountMinor: 1 }], visits: [0], complaints: [{ day: 0, open: true }] };
  const { reasons } = score(sampleProfile(life, model), SAMPLE_START + 1, model);
  expect(reasons.length).toBe(5);
  for (const reason of reasons) {
    expect(reasonText(reason, "en")).toMatch(/^[\w ():,.%-]{10,}$/);
    expect(reasonText(reason, "zh-CN")).toMatch(/\p{Script=Han}{3}/u);
    expect(reasonText(reason, "en")).not.toContain("?");
  }
});

test("a code of later code is given as it is", () => {
  expect(reasonText({ code: "WEATHER", params: {}, logit: 0 }, "en")).toBe("WEATHER");
  expect(reasonText({ code: "toString", params: {}, logit: 0 }, "en")).toBe("toString");
});
