// How long all signals take in a browser that has never seen the form, and what FingerprintJS takes for
// those that it has, in turns.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "@playwright/test";
import { CardPage, expect, test } from "../../browser/card_page.ts";
import { median, print } from "./figure.ts";

const ROUNDS = process.env["WAXSEAL_BENCH_QUICK"] ? 3 : 11;
const HOST = "127.0.0.1";
/** Defines the global `FingerprintJS`. */
const FINGERPRINTJS = readFileSync(
  createRequire(import.meta.url).resolve("@fingerprintjs/fingerprintjs/dist/fp.umd.min.js"),
  "utf8",
);

test("all signals, and FingerprintJS", async ({ browser }) => {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    ours.push(await inNewBrowser(browser, collecting));
    theirs.push(await inNewBrowser(browser, fingerprinting));
  }
  print("signals_cold_ms", median(ours), "ms", ours.length);
  print("fingerprintjs_cold_ms", median(theirs), "ms", theirs.length);
});

/** Of a browser of its own: what one starts for the first page, such as its graphics, counts. */
async function inNewBrowser(browser: Browser, measure: (page: Page) => Promise<number>): Promise<number> {
  const { executablePath, args } = test.info().project.use.launchOptions ?? {};
  const cold = await browser.browserType().launch({
    ...(executablePath && { executablePath }),
    ...(args && { args }),
  });
  try {
    return await measure(await cold.newPage());
  } finally {
    await cold.close();
  }
}

async function collecting(page: Page): Promise<number> {
  const card = new CardPage(page);
  await card.open({ host: HOST });
  const took = () =>
    card.frame
      .locator(":root")
      .evaluate(() => performance.getEntriesByName("waxseal.signals", "measure")[0]?.duration ?? 0);
  await expect.poll(took).toBeGreaterThan(0);
  return took();
}

async function fingerprinting(page: Page): Promise<number> {
  const card = new CardPage(page);
  await card.goto(HOST);
  await page.evaluate(FINGERPRINTJS);
  return page.evaluate(async () => {
    const { FingerprintJS } = window as unknown as {
      FingerprintJS: { load(): Promise<{ get(): Promise<{ visitorId: string }> }> };
    };
    const start = performance.now();
    const { visitorId } = await (await FingerprintJS.load()).get();
    if (!/^[0-9a-f]{32}$/.test(visitorId)) throw new Error("it gave no identifier");
    return performance.now() - start;
  });
}
