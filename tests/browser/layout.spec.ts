// How the form lies in the room that a page gives it, from a desk to a small phone.

import type { Locator } from "@playwright/test";
import { CardPage, expect, test } from "./card_page.ts";

const NINETEEN_DIGITS = "6799990100000000019";

for (const width of [1100, 390, 320]) {
  for (const locale of ["en", "ar"]) {
    test.describe(`${width} pixels wide in ${locale}`, () => {
      test.use({ viewport: { width, height: 900 } });

      test("the longest number is seen whole, beside its brand", async ({ card, page }) => {
        await card.open({ session: { locale } });
        await typeNumber(card);
        const { visible, needed } = await card.frame.locator("#number").evaluate((input) => ({
          visible: input.clientWidth,
          needed: input.scrollWidth,
        }));
        expect(needed).toBeLessThanOrEqual(visible);
        const badge = card.frame.locator("#brand");
        expect(await overlap(badge, card.frame.locator("#number-label"))).toBe(false);
        if (width < 400) expect(await overlap(badge, card.frame.locator("#number"))).toBe(false);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      });

      test("the frame is as high as what it shows, with errors and without", async ({ card, page }) => {
        await card.open({ session: { locale } });
        await expectFitting(card);
        const calm = await height(card);
        await card.submit();
        await expect.poll(() => height(card)).toBeGreaterThan(calm);
        await expectFitting(card);
        await card.call("clear");
        await expect.poll(() => height(card)).toBe(calm);
        expect(await page.locator("iframe").getAttribute("style")).toBeNull();
      });
    });
  }
}

async function typeNumber(card: CardPage): Promise<void> {
  await card.frame.locator("#number").focus();
  await card.page.keyboard.type(NINETEEN_DIGITS);
  await expect(card.frame.locator("#brand")).toHaveText("Maestro");
}

async function height(card: CardPage): Promise<number> {
  return (await card.page.locator("#card iframe").boundingBox())!.height;
}

/** Nothing is cut off, and there is no gap below. */
async function expectFitting(card: CardPage): Promise<void> {
  const content = () =>
    card.frame.locator("#main").evaluate((main) => Math.ceil(main.getBoundingClientRect().height));
  await expect.poll(async () => (await height(card)) - (await content())).toBe(0);
}

async function overlap(one: Locator, other: Locator): Promise<boolean> {
  const [a, b] = [(await one.boundingBox())!, (await textBox(other))!];
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** A label's box is as wide as its line: what counts is its text. */
async function textBox(of: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const frame = (await of.page().locator("#card iframe").boundingBox())!;
  const box = await of.evaluate((element) => {
    const range = document.createRange();
    if (element instanceof HTMLInputElement) range.selectNode(element);
    else range.selectNodeContents(element);
    const { x, y, width, height } = range.getBoundingClientRect();
    return { x, y, width, height };
  });
  return { ...box, x: box.x + frame.x, y: box.y + frame.y };
}
