import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRig, type Rig, untilAsync } from "../gateway/rig.ts";
import { browserRunsHere, launchBrowser } from "./launch.ts";

const DAY_MS = 86_400_000;

async function post(rig: Rig, events: readonly object[], headers: Record<string, string> = {}): Promise<void> {
  const response = await rig.call("/v1/events", {
    method: "POST",
    body: JSON.stringify({ events }),
    headers: { "content-type": "application/json", ...headers },
  });
  expect(response.status).toBe(202);
}

let eventCount = 0;
const purchase = (customerId: string, daysAgo: number): object => ({
  type: "purchase",
  eventId: `order-${++eventCount}`,
  customerId,
  occurredAt: Date.now() - daysAgo * DAY_MS,
  kind: "PURCHASE",
  amountMinor: 4200,
  currency: "EUR",
});

const complaint = (customerId: string, daysAgo: number): object => ({
  type: "complaint",
  eventId: `complaint-${++eventCount}`,
  customerId,
  occurredAt: Date.now() - daysAgo * DAY_MS,
  kind: "OPENED",
  complaintId: "k1",
});

/** Runs in the page: adds up how far things were moved under the reader's eyes. */
const OBSERVE_SHIFTS = `
  globalThis.shifted = 0;
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) shifted += value;
  }).observe({ type: "layout-shift", buffered: true });
`;

describe.skipIf(!browserRunsHere)("the dashboard", () => {
  let browser: Browser;
  let pictures: string;

  beforeAll(async () => {
    browser = await launchBrowser();
    pictures = await mkdtemp(join(tmpdir(), "tidemark-pictures-"));
  });
  afterAll(() => browser.close());

  /** A page that counts as failed if it complains. */
  async function openPage(rig: Rig, path: string, options: BrowserContextOptions = {}): Promise<[Page, string[]]> {
    const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 900 }, ...options });
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(`${rig.url}${path}`);
    return [page, complaints];
  }

  async function expectAccessible(page: Page): Promise<void> {
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => ({ id, at: nodes.map((node) => node.html) }))).toEqual([]);
  }

  test("moves when an event comes, without a jolt", async () => {
    await using rig = await openRig({ withPipeline: true });
    await post(rig, [purchase("early-bird", 40)]);
    const [page, complaints] = await openPage(rig, "/");
    await page.getByRole("status").getByText("Live").waitFor();
    await page.evaluate(OBSERVE_SHIFTS);
    // Scored before anybody looked.
    await page.getByRole("button", { name: "early-bird" }).waitFor();

    await post(rig, [purchase("anna", 3), purchase("bert", 2)]);
    await page.getByRole("button", { name: "anna" }).waitFor();
    await page.getByRole("button", { name: "bert" }).waitFor();
    await page.locator(".tile", { hasText: "Customers" }).getByText("3", { exact: true }).waitFor();
    await page.locator(".position", { hasText: /\d/ }).waitFor();
    await page.locator(".tick", { hasText: "UTC" }).waitFor();

    expect(Number(await page.evaluate("shifted"))).toBeLessThan(0.02);
    await expectAccessible(page);
    await page.screenshot({ path: join(pictures, "dashboard.png") });
    expect(complaints).toEqual([]);
  });

  test("shows who was scored last when it opens, and each customer once", async () => {
    await using rig = await openRig({ withPipeline: true });
    const customers = Array.from({ length: 40 }, (_, index) => `c-${index}`);
    await post(
      rig,
      customers.map((id) => purchase(id, 20)),
    );
    await post(rig, [purchase("anna", 9)]);
    const [page, complaints] = await openPage(rig, "/");
    const rows = page.locator(".row");
    await page.getByRole("button", { name: "anna" }).click();
    await page.getByRole("dialog", { name: "anna" }).getByText("€42.00").waitFor();
    await page.getByRole("button", { name: "Close" }).click();
    expect(await rows.count()).toBe(30);
    expect(await page.getByText("Scores appear here").isVisible()).toBe(false);
    await expectAccessible(page);
    await page.screenshot({ path: join(pictures, "last-scores.png") });

    // The pointer is off the rows, so that they are not held.
    await page.mouse.move(5, 5);
    for (const days of [7, 5, 3]) {
      await post(rig, [purchase("anna", days), purchase(`after-${days}`, 1)]);
      await page.getByRole("button", { name: `after-${days}` }).waitFor();
    }
    expect(await page.getByRole("button", { name: "anna" }).count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  test("tells how to bring customers in while there is none", async () => {
    await using rig = await openRig({ withPipeline: true });
    const [page, complaints] = await openPage(rig, "/", { viewport: { width: 375, height: 800 } });
    const wayIn = page.getByText("npm run -s tidemark -- import FILE");
    await wayIn.waitFor();
    await page.getByText("Scores appear here as events come in.").waitFor();
    const overflow = (): Promise<unknown> =>
      page.evaluate(`[document.documentElement, document.querySelector(".rows")]
        .map((element) => element.scrollWidth - element.clientWidth)`);
    expect(await overflow()).toEqual([0, 0]);
    await expectAccessible(page);
    await page.screenshot({ path: join(pictures, "empty.png") });
    const described = await page.getByRole("link", { name: "POST /v1/events" }).getAttribute("href");

    // A list is held under the pointer, but not while there is nothing to hold.
    await wayIn.hover();
    await post(rig, [purchase("anna", 3)]);
    await page.getByRole("button", { name: "anna" }).waitFor();
    await wayIn.waitFor({ state: "hidden" });

    await page.goto(`${rig.url}${described}`);
    await untilAsync(async () => {
      const heading = await page.getByRole("heading", { name: "POST /v1/events" }).boundingBox();
      return heading !== null && heading.y < 400;
    });
    expect(complaints).toEqual([]);
  });

  test("shows what the base is worth by tier, and how it is doing", async () => {
    await using rig = await openRig({ withPipeline: true });
    const rated = {
      type: "interaction",
      eventId: "nps-1",
      customerId: "anna",
      kind: "FEEDBACK",
      scale: "NPS",
      rating: 9,
    };
    await post(rig, [
      purchase("anna", 30),
      purchase("anna", 2),
      purchase("bert", 3),
      { ...rated, occurredAt: Date.now() },
    ]);
    const [page, complaints] = await openPage(rig, "/", { viewport: { width: 1280, height: 1250 } });
    const panel = page.getByRole("region", { name: "Expected value by tier" });
    await panel.getByText("Buy again").locator("..").getByText("50%", { exact: true }).waitFor();
    await panel.getByText("NPS").locator("..").getByText("100", { exact: true }).waitFor();
    expect(
      await panel
        .locator(".count")
        .filter({ hasText: /^€[1-9]/ })
        .count(),
    ).toBeGreaterThan(0);
    await expectAccessible(page);
    await page.screenshot({ path: join(pictures, "base.png") });
    expect(complaints).toEqual([]);
  });

  test("shows itself in a browser whose language is no language tag", async () => {
    await using rig = await openRig({ withPipeline: true });
    const [page, complaints] = await openPage(rig, "/docs");
    await page.addInitScript(`Object.defineProperty(Navigator.prototype, "language", { get: () => "en-US@posix" })`);
    await page.goto(`${rig.url}/`);
    await page.getByRole("status").getByText("Live").waitFor();
    expect(complaints).toEqual([]);
  });

  test("of a customer who has a contract and never bought the card tells the contract, and nothing of purchases", async () => {
    await using rig = await openRig({ withPipeline: true });
    const [page, complaints] = await openPage(rig, "/");
    await page.getByRole("status").getByText("Live").waitFor();
    const subscribed = { type: "interaction", kind: "SUBSCRIBE", termDays: 365, amountMinor: 12_000, currency: "EUR" };
    const at = (days: number): number => Date.now() - days * 86_400_000;
    await post(rig, [
      { ...subscribed, eventId: "s1", customerId: "carla", occurredAt: at(300) },
      { ...subscribed, eventId: "s2", customerId: "dora", occurredAt: at(300) },
      { type: "interaction", kind: "UNSUBSCRIBE", eventId: "u2", customerId: "dora", occurredAt: at(10) },
      purchase("erik", 2),
    ]);
    const open = async (id: string) => {
      await page.getByRole("button", { name: id }).first().click();
      return page.getByRole("dialog", { name: id });
    };
    const running = await open("carla");
    await running.getByText("Churn: the contract ends within 90 days").waitFor();
    await running.getByText("To be renewed", { exact: true }).waitFor();
    await running.getByText("€120.00").waitFor();
    for (const absent of ["After the last purchase", "Repeat purchase days", "Since the first purchase"]) {
      expect(await running.getByText(absent).count()).toBe(0);
    }
    await expectAccessible(page);
    await page.screenshot({ path: join(pictures, "card-contract.png") });
    await running.getByRole("button", { name: "Close" }).click();

    const ended = await open("dora");
    await ended.getByText("Churn: the contract is over").waitFor();
    await ended.getByText("Ended by the customer").waitFor();
    await ended.getByRole("button", { name: "Close" }).click();

    const buyer = await open("erik");
    await buyer.getByText("Churn within 90 days").waitFor();
    await buyer.getByText("After the last purchase").waitFor();
    expect(await buyer.getByRole("heading", { name: "Contract" }).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test.each(["light", "dark"] as const)(
    "opens a customer's card from the list, in the %s scheme",
    async (colorScheme) => {
      await using rig = await openRig({ withPipeline: true });
      const [page, complaints] = await openPage(rig, "/", { colorScheme });
      await page.getByRole("status").getByText("Live").waitFor();
      await post(rig, [purchase("anna", 200), purchase("anna", 120), complaint("anna", 5)]);
      await page.getByRole("button", { name: "anna" }).first().click();

      const card = page.getByRole("dialog", { name: "anna" });
      await card.getByText("Churn within 90 days").waitFor();
      await card.getByText("1 complaint open for").first().waitFor();
      await card.getByText("€84.00").waitFor();
      const logits = await card.locator(".reasons li:not(.sum) .logit").allTextContents();
      const sum = await card.locator(".reasons .sum .logit").textContent();
      const number = (text: string | null): number => Number((text ?? "").replace("−", "-"));
      expect(logits.length).toBeGreaterThan(1);
      expect(logits.reduce((whole, logit) => whole + number(logit), 0)).toBeCloseTo(number(sum), 1);
      await expectAccessible(page);
      await page.screenshot({ path: join(pictures, `card-${colorScheme}.png`) });

      // What happens to the customer meanwhile shows.
      await post(rig, [purchase("anna", 0)]);
      await card.getByText("€126.00").waitFor();
      await card.getByRole("button", { name: "Close" }).click();
      await card.waitFor({ state: "hidden" });
      expect(complaints).toEqual([]);
    },
  );

  test("is worked by the keyboard alone", async () => {
    await using rig = await openRig({ withPipeline: true });
    await post(rig, [purchase("anna", 3)]);
    const [page, complaints] = await openPage(rig, "/");
    const search = page.getByRole("searchbox", { name: "Customer id" });
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    expect(await search.and(page.locator(":focus")).count()).toBe(1);
    await page.keyboard.type("anna");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "anna" }).getByText("€42.00").waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await search.and(page.locator(":focus")).waitFor();

    await search.fill("nobody");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByText("No customer has this id.").waitFor();
    // The browser itself notes an answer of 404.
    expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
  });

  test("fits a screen 400 pixels wide", async () => {
    await using rig = await openRig({ withPipeline: true });
    const [page] = await openPage(rig, "/", { viewport: { width: 400, height: 800 } });
    await page.getByRole("status").getByText("Live").waitFor();
    await post(rig, [purchase("a-customer-with-quite-a-long-identifier-0001", 3)]);
    const row = page.getByRole("button", { name: "a-customer" });
    await row.waitFor();
    // The whole page, and the list inside it, which would hide what does not fit.
    const overflow = (): Promise<unknown> =>
      page.evaluate(`[document.documentElement, document.querySelector(".rows")]
        .map((element) => element.scrollWidth - element.clientWidth)`);
    expect(await overflow()).toEqual([0, 0]);
    await row.click();
    await page.getByRole("dialog").getByText("Profile").waitFor();
    expect(await overflow()).toEqual([0, 0]);
    await expectAccessible(page);
    await page.screenshot({ path: join(pictures, "narrow.png") });
  });

  test("asks for the key once, and keeps it for the tab", async () => {
    await using rig = await openRig({ withPipeline: true, config: { apiKeys: ["the-key"] } });
    const [page] = await openPage(rig, "/");
    const dialog = page.getByRole("dialog", { name: "API key" });
    await dialog.waitFor();
    await expectAccessible(page);
    await dialog.getByLabel("Key", { exact: true }).fill("the-key");
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("Live").waitFor();
    await post(rig, [purchase("anna", 3)], { "x-api-key": "the-key" });
    await page.getByRole("button", { name: "anna" }).waitFor();
    await page.reload();
    await page.getByRole("status").getByText("Live").waitFor();
    await dialog.waitFor({ state: "hidden" });
    await page.locator(".tile", { hasText: "Customers" }).getByText("1", { exact: true }).waitFor();
  });

  test("says when the server is gone", async () => {
    await using rig = await openRig({ withPipeline: true });
    const [page] = await openPage(rig, "/");
    await page.getByRole("status").getByText("Live").waitFor();
    await rig.gateway.close();
    await page.getByRole("status").getByText("Reconnecting").waitFor();
    expect(await page.locator(".dot").isVisible()).toBe(true);
  });

  test("has the interface described beside it", async () => {
    await using rig = await openRig();
    const [page, complaints] = await openPage(rig, "/docs");
    await page.getByRole("heading", { name: "POST /v1/events" }).waitFor();
    await page.getByText("Gross amount of this event").first().waitFor({ state: "attached" });
    await expectAccessible(page);
    expect(complaints).toEqual([]);
  });
});
