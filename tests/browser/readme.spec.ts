// What README tells a merchant to write, run as it stands there: page, script, policy and session.

import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { freePorts } from "./stack/free_ports.ts";
import { callPrivate, type Credentials } from "./stack/private_listener.ts";
import { addCertifiedMerchant, root } from "./stack/verifier.ts";
import { expect, stack, test } from "./card_page.ts";

const README = await readFile(join(root, "README.md"), "utf8");

/** The one code block of that language. */
function block(language: string): string {
  const found = [...README.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "gms"))];
  expect(found).toHaveLength(1);
  return found[0]![1]!.replaceAll("https://pay.example.com", stack.verifier);
}

function policy(): string {
  const [, line] = /^ {4}(script-src .*)$/m.exec(README)!;
  return line!.replaceAll("https://pay.example.com", stack.verifier);
}

/** Creates a session with README's own request. */
async function clientToken(origin: string, credentials: Credentials): Promise<string> {
  const [, json] = /\/v1\/sessions \\\n.*?-d '(\{.*?\})'/s.exec(README)!;
  const url = new URL("/v1/sessions", stack.verifierPrivate);
  const body = json!.replace("https://shop.example", origin);
  const headers = { "idempotency-key": "order-1001" };
  const answer = await callPrivate(url, credentials, "POST", headers, body);
  expect(answer.status).toBe(201);
  return JSON.parse(answer.body).client_token;
}

test("README's page takes a card under README's policy", async ({ page }) => {
  const [port] = (await freePorts(1)) as [number];
  const origin = `http://localhost:${port}`;
  const token = await clientToken(origin, addCertifiedMerchant(stack.folder, port));
  const html = `<!doctype html><body data-client-token="${token}">${block("html")}`;
  const server = createServer((request, response) => {
    const isScript = request.url === "/checkout.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html");
    response.setHeader("content-security-policy", policy());
    response.end(isScript ? block("js") : html);
  }).listen(port, "127.0.0.1");
  await once(server, "listening");
  const said: unknown[] = [];
  page.on("console", async (message) => {
    for (const argument of message.args()) said.push(await argument.jsonValue());
  });

  await page.goto(origin);
  const pay = page.getByRole("button", { name: "Pay" });
  await expect(pay).toBeDisabled();
  const frame = page.frameLocator("#card iframe");
  await frame.getByLabel("Card number").focus();
  await page.keyboard.type("4242424242424242");
  await page.keyboard.type("1230");
  await page.keyboard.type("123");
  await frame.getByLabel("Name on card").focus();
  await page.keyboard.type("Ada Lovelace");
  await pay.click();
  await expect.poll(() => said).toEqual([{ status: "accepted", brand: "visa", last4: "4242" }]);
  server.close();
});
