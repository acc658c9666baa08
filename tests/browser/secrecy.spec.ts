// A person buys something in the demo shop; then everything that the page, the network, the logs and
// the database hold is searched for what was typed.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { expect, stack } from "./card_page.ts";
import { expectNothingOf, found, freshCard, type TypedCard } from "./card_traces.ts";
import { hostView } from "./host_view.ts";
import { test, type Wire } from "./wire.ts";

/** Stands on the checkout page as a test card: a search that cannot find it searches nothing. */
const LISTED = { pan: "4242424242424242", cvc: "" };

/** Chromium asks its maker which field of a form is which, by the fields' names. */
const OF_THE_BROWSER = /\.(google|googleapis)\.com:443$/;

for (const [kind, card, brand] of [
  ["a card with a code of three digits", freshCard("424242", 16, 3), "Visa"],
  ["a card with a code of four digits", freshCard("378282", 15, 4), "American Express"],
] as const) {
  test(`${kind} is seen by nobody but the verifier`, async ({ page, wire }) => {
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(error.message, error.stack ?? ""));
    const sockets: string[] = [];
    page.on("websocket", (socket) => sockets.push(socket.url()));

    await fillCart(page);
    await typeCard(page, card);
    await expect(page.locator("[data-events]")).toContainText('"complete":true');
    const typed = await hostView(page);
    expect(found(LISTED, typed["the document"]!), "the document was searched").not.toEqual([]);
    expect(typed["the storage"]).toContain("waxseal-demo-events");
    for (const [where, text] of Object.entries(typed)) {
      expectNothingOf(card, `${where} before paying`, text);
    }

    await page.getByRole("button", { name: /^Pay/ }).click();
    await page.waitForURL("**/order");
    const main = page.getByRole("main");
    await expect(main).toContainText(`${brand} ending in ${card.pan.slice(-4)}`);
    await expect(main).toContainText("accepted");
    await expect(page.getByRole("heading", { name: "Decision" })).toBeVisible();
    const paid = await hostView(page);
    for (const [where, text] of Object.entries(paid)) {
      expectNothingOf(card, `${where} after paying`, text);
    }

    expectNothingOf(card, "the console", said.join("\n"));
    expect(sockets).toEqual([]);
    expectWireKnowsNothingOf(card, wire);
    await expectFilesHoldNothingOf(card);
  });
}

async function fillCart(page: Page): Promise<void> {
  await page.goto(stack.shop);
  await page.getByRole("button", { name: "Add to cart" }).first().click();
  await page.goto(`${stack.shop}/checkout`);
}

async function typeCard(page: Page, { pan, cvc }: TypedCard): Promise<void> {
  const frame = page.frameLocator('iframe[title="Card details"]');
  await frame.getByLabel("Card number").focus();
  // The focus moves on by itself.
  await page.keyboard.type(pan);
  await page.keyboard.type("1230");
  await page.keyboard.type(cvc);
  await frame.getByLabel("Name on card").focus();
  await page.keyboard.type("Ada Lovelace");
}

function expectWireKnowsNothingOf(card: TypedCard, wire: Wire): void {
  const checkout = wire.exchange(`GET ${stack.shop}/checkout`);
  expect(found(LISTED, checkout.answerBody), "bodies were searched").not.toEqual([]);
  const submit = wire.exchange(`POST ${stack.verifier}/v1/session/card`);
  expect(Object.keys(JSON.parse(String(submit.requestBody)))).toEqual(["envelope"]);
  expect(JSON.parse(String(submit.answerBody))).toMatchObject({ last4: card.pan.slice(-4) });
  for (const exchange of wire.exchanges) {
    const { line } = exchange;
    expectNothingOf(card, "a URL", line);
    expectNothingOf(card, `the headers of ${line}`, exchange.requestHeaders);
    expectNothingOf(card, `the body of ${line}`, exchange.requestBody);
    expectNothingOf(card, `the answer's headers to ${line}`, exchange.answerHeaders);
    expectNothingOf(card, `the answer to ${line}`, exchange.answerBody);
  }
  expect(wire.tunnels.filter((host) => !OF_THE_BROWSER.test(host))).toEqual([]);
}

async function expectFilesHoldNothingOf(card: TypedCard): Promise<void> {
  const files = await readdir(stack.folder, { recursive: true, withFileTypes: true });
  const names = files.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["waxseal.sqlite", "verifier.log", "shop.log"]));
  for (const file of files.filter((file) => file.isFile())) {
    expectNothingOf(card, file.name, await readFile(join(file.parentPath, file.name)));
  }
}
