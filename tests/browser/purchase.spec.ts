// A person buys something in the demo shop; then everything that the page, the network, the logs and
// the database hold is searched for what was typed.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page, Request } from "@playwright/test";
import { expect, stack, test } from "./card_page.ts";

const PAN = "4242424242424242";
const CVC = "739";

/** The PAN as anybody might have written it. */
const ENCODINGS = [
  PAN,
  PAN.replace(/(.{4})(?=.)/g, "$1 "),
  PAN.replace(/(.{4})(?=.)/g, "$1-"),
  PAN.replace(/(.{4})(?=.)/g, "$1%20"),
  PAN.replace(/(.{4})(?=.)/g, "$1+"),
  Buffer.from(PAN).toString("hex"),
  ...[0, 1, 2].map((shift) => base64Core(PAN, shift)),
  PAN.slice(0, 12),
  `"cvc":"${CVC}"`,
  `"cvc": "${CVC}"`,
  `cvc=${CVC}`,
];

/** The characters that `text` always gives inside base64, `shift` bytes after a boundary. */
function base64Core(text: string, shift: number): string {
  const encoded = Buffer.from("x".repeat(shift) + text).toString("base64").replace(/=+$/, "");
  return encoded.slice(Math.ceil((shift * 8) / 6), encoded.length - 1);
}

function expectNothingOf(where: string, text: string): void {
  for (const wanted of ENCODINGS) {
    expect(text.includes(wanted), `${where} holds the card as ${wanted}`).toBe(false);
  }
}

async function buy(page: Page): Promise<void> {
  await page.goto(stack.shop);
  await page.getByRole("button", { name: "Add to cart" }).first().click();
  await page.goto(`${stack.shop}/checkout`);
  const frame = page.frameLocator('iframe[title="Card details"]');
  await frame.getByLabel("Card number").focus();
  await page.keyboard.type(PAN);
  await page.keyboard.type("1230");
  await page.keyboard.type(CVC);
  await frame.getByLabel("Name on card").focus();
  await page.keyboard.type("Ada Lovelace");
}

test("a person buys something and nobody but the verifier sees the card", async ({ page }) => {
  const requests: Request[] = [];
  page.on("request", (request) => requests.push(request));
  await buy(page);
  const screenshot = process.env["WAXSEAL_SCREENSHOT"];
  if (screenshot) await page.screenshot({ path: screenshot, caret: "initial" });
  await page.getByRole("button", { name: /^Pay/ }).click();
  await page.waitForURL("**/order");
  const main = page.getByRole("main");
  await expect(main).toContainText("Visa ending in 4242");
  await expect(main).toContainText("accepted");

  expect(requests.some((request) => request.url().endsWith("/v1/session/card"))).toBe(true);
  for (const request of requests) {
    expectNothingOf(`the URL ${request.url()}`, request.url());
    expectNothingOf(`a request to ${request.url()}`, request.postData() ?? "");
  }
  expectNothingOf("the result page", await page.content());
  const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expectNothingOf("the page's storage", stored);

  const files = await readdir(stack.folder);
  expect(files).toEqual(expect.arrayContaining(["waxseal.sqlite", "verifier.log", "shop.log"]));
  for (const file of files) {
    expectNothingOf(file, await readFile(join(stack.folder, file), "latin1"));
  }
});

test("a mistyped number is said to be wrong, and the mended one is taken", async ({ page }) => {
  await page.goto(stack.shop);
  await page.getByRole("button", { name: "Add to cart" }).first().click();
  await page.goto(`${stack.shop}/checkout`);
  const frame = page.frameLocator('iframe[title="Card details"]');
  const number = frame.getByLabel("Card number");
  await number.focus();
  await page.keyboard.type("4242424242424241");
  await page.keyboard.press("Tab");
  await expect(frame.locator("#number-error")).toHaveText("The card number is not right. Check the digits.");
  await number.focus();
  await page.keyboard.press("End");
  await page.keyboard.press("Backspace");
  await page.keyboard.type("2");
  await expect(frame.locator("#number-error")).toBeEmpty();
});
