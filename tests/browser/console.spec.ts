// A person signs in and consents in a real browser: its cookies, policies and keyboard.

import { AxeBuilder } from "@axe-core/playwright";
import { createHash } from "node:crypto";
import { expect, test, type Page } from "@playwright/test";
import { PASSWORD, REDIRECT_URI, startConsole, type Console } from "./stack/console.ts";

// One person, whose codes are taken once.
test.describe.configure({ mode: "serial", timeout: 120_000 });

let console_: Console;
test.beforeAll(async () => {
  console_ = await startConsole();
});
test.afterAll(async () => {
  await console_.stop();
});

function request(): string {
  const challenge = createHash("sha256").update("v".repeat(43)).digest("base64url");
  const query = new URLSearchParams({
    response_type: "code",
    client_id: console_.clientId,
    redirect_uri: REDIRECT_URI,
    scope: "keys:read keys:write",
    state: "of the program",
    code_challenge: challenge,
    code_challenge_method: "S256",
  });
  return `${console_.origin}/oauth/authorize?${query}`;
}

/** What the program's page is: on another site, with a link to sign in. */
async function serveProgram(page: Page): Promise<void> {
  await page.route("http://127.0.0.1:8123/**", (route) =>
    route.fulfill({
      contentType: "text/html",
      body: `<!doctype html><title>Program</title><a href="${request().replaceAll("&", "&amp;")}">Sign in</a>`,
    }),
  );
}

async function expectAccessible(page: Page, state: string): Promise<void> {
  // Its style sheet may come after its text.
  await page.waitForLoadState("load");
  const { violations, passes } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.failureSummary}`);
  expect.soft(found, state).toEqual([]);
  expect(passes.length, "axe looked").toBeGreaterThan(0);
}

/** With the keyboard alone: the first field has the focus. */
async function signIn(page: Page, password: string, code: string): Promise<void> {
  await page.keyboard.type("ann");
  await page.keyboard.press("Tab");
  await page.keyboard.type(password);
  await page.keyboard.press("Tab");
  await page.keyboard.type(code);
  await page.keyboard.press("Enter");
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`from a program's page and back, in ${colorScheme} colours`, async ({ browser }) => {
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (/content.security.policy|cookie|refused/i.test(message.text())) complaints.push(message.text());
    });
    await serveProgram(page);
    await page.goto(REDIRECT_URI);
    await page.getByRole("link", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    await expectAccessible(page, "the page to sign in");

    await signIn(page, "wrong horse battery staple", "000000");
    await expect(page.getByRole("alert")).toContainText("wrong");
    await expectAccessible(page, "the page after a failure");

    await signIn(page, PASSWORD, await console_.code());
    await expect(page.getByRole("heading", { name: "Allow Back office?" })).toBeVisible();
    // The person may list keys and make none.
    await expect(page.getByRole("listitem")).toHaveText(["List keys keys:read"]);
    await expectAccessible(page, "the page to consent");
    const cookies = await context.cookies(console_.origin);
    expect(cookies.map(({ name }) => name).sort()).toEqual(["__Host-waxseal-form", "__Host-waxseal-session"]);
    for (const cookie of cookies) {
      expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: "Strict", path: "/" });
    }

    await page.getByRole("button", { name: "Allow" }).click();
    await page.waitForURL(`${REDIRECT_URI}?**`);
    const back = new URL(page.url()).searchParams;
    expect(back.get("code")).toMatch(/^cod_/);
    expect([back.get("state"), back.get("iss")]).toEqual(["of the program", console_.origin]);

    // From the program's site no cookie comes along; from the console's own page it does.
    await page.getByRole("link", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
    await page.getByRole("link", { name: "I am signed in already" }).click();
    await page.getByRole("button", { name: "Deny" }).click();
    await page.waitForURL(`${REDIRECT_URI}?error=access_denied**`);
    expect(complaints).toEqual([]);
    await context.close();
  });
}

test("a program that is not known is sent nowhere", async ({ page }) => {
  const answer = await page.goto(request().replace(console_.clientId, "app_unknown"));
  expect(answer?.status()).toBe(400);
  await expect(page.getByRole("heading", { name: "This request cannot be answered" })).toBeVisible();
  await expectAccessible(page, "the page that answers nothing");
});
