import { expect, test } from "vitest";
import { browserRunsHere, launchBrowser } from "./launch.ts";

test.skipIf(!browserRunsHere)("a browser from the packages shows a page, its text and its fonts", async () => {
  await using browser = await launchBrowser();
  const page = await (await browser.newContext()).newPage();

  await page.setContent("<h1>tidemark</h1><script>document.title = String(1 + 1)</script>");

  expect(await page.title()).toBe("2");
  // Without a font a heading has no height and no picture.
  expect((await page.locator("h1").boundingBox())?.height).toBeGreaterThan(20);
  expect((await page.screenshot()).length).toBeGreaterThan(3_000);
});
