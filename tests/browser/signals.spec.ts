// The signals as the verifier opens them: each is there, and each says what it is named after. A test
// changes what feeds one signal and reads all of them back decrypted.

import type { Browser, CDPSession, Frame, Page } from "@playwright/test";
import { CARD, CardPage, expect, stack, test as base } from "./card_page.ts";
import { openReadable, type OpenedEnvelope } from "./opened_envelope.ts";

/** Starts a browser of its own with one more switch: a screen is not a page's to change. */
const test = base.extend<{ launch: (option: string) => Promise<CardPage> }>({
  launch: async ({ playwright, launchOptions }, use) => {
    const browsers: Browser[] = [];
    await use(async (option) => {
      const args = [...(launchOptions.args ?? []), option];
      const browser = await playwright.chromium.launch({ ...launchOptions, args });
      browsers.push(browser);
      return new CardPage(await browser.newPage());
    });
    for (const browser of browsers) await browser.close();
  },
});

const NO_PASTES = { number: 0, expiry: 0, cvc: 0, name: 0, postal_code: 0 };
/** Some time, whatever the machine needed. */
const ANY_TIMING = {
  dwell_ms_median: expect.any(Number),
  flight_ms_median: expect.any(Number),
  keys: Object.values(CARD).join("").length,
};

/** The values of this machine and the suite's own settings, with a test's changes. */
async function expected(page: Page, changes: object = {}): Promise<object> {
  const machine = await cardFrame(page).evaluate(() => ({
    hardware_concurrency: navigator.hardwareConcurrency,
    platform: navigator.platform,
    screen: {
      width: screen.width,
      height: screen.height,
      avail_width: screen.availWidth,
      avail_height: screen.availHeight,
      color_depth: screen.colorDepth,
    },
  }));
  return {
    ...machine,
    key_timing: ANY_TIMING,
    languages: ["en-US"],
    paste_counts: NO_PASTES,
    pixel_ratio: 1000,
    time_zone: "Europe/Vienna",
    touch_points: 0,
    utc_offset_min: offsetMin("Europe/Vienna"),
    ...changes,
  };
}

/** Minutes that a time zone is ahead of UTC now. */
function offsetMin(timeZone: string): number {
  const format = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
  const name = format.formatToParts().find((part) => part.type === "timeZoneName")!.value;
  const [, sign, hours, minutes] = /^GMT(?:([+-])(\d\d):(\d\d))?$/.exec(name)!;
  return (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0));
}

/** Of the first release's signals; the others have a shorter form, and a file of tests of their own. */
function values({ content }: OpenedEnvelope): object {
  const readings = Object.entries(content.signals).filter(([, reading]) => "us" in reading);
  return Object.fromEntries(
    readings.map(([name, reading]) => {
      expect(Object.keys(reading).sort(), name).toEqual(["us", "value"]);
      expect(Number.isInteger(reading.us) && reading.us >= 0 && reading.us < 1e6, name).toBe(true);
      return [name, reading.value];
    }),
  );
}

/** What is in the shorter form and no number, which the typed digits may be part of by chance. */
function texts({ content }: OpenedEnvelope): object {
  const short = Object.entries(content.signals).filter(([, reading]) => Array.isArray(reading));
  // Digests and the token are random.
  const random = ["audio", "canvas", "device_token", "fonts", "webgl_limits"];
  return short.filter(([name, [, value]]: any) => !random.includes(name) && isNaN(Number(value[0] ?? 0)));
}

/** Types and submits the usual card; what was sealed. */
async function typeAndOpen(card: CardPage, session?: object): Promise<OpenedEnvelope> {
  const form = await openReadable(card, { session });
  await card.type();
  return form.submit();
}

for (const host of ["localhost", "127.0.0.1"] as const) {
  test(`on ${host} the envelope holds card, browser and the first ten signals`, async ({ card, page }) => {
    const form = await openReadable(card, { host });
    await card.type();
    const opened = await form.submit();
    expect(opened.plaintextBytes).toBe(4096);

    const { header, content } = opened;
    expect(header).toEqual({
      alg: "HPKE-7",
      typ: "waxseal-card+jwe",
      kid: form.kid,
      sid: form.sessionId,
      rev: 1,
      org: `http://${host}:${stack.hostPort}`,
      iat: expect.any(Number),
      jti: expect.stringMatching(/^[\w-]{22}$/),
      bld: expect.stringMatching(/^[\w-]{22}$/),
    });
    expect(header["iat"]).toBeGreaterThanOrEqual(form.serverNow);
    expect(header["iat"]).toBeLessThan(form.serverNow + 30);

    expect(Object.keys(content).sort()).toEqual(["browser", "card", "signals", "v"]);
    expect(content.v).toBe(1);
    expect(content.card).toEqual({
      number: "4242424242424242",
      exp_month: 12,
      exp_year: 2030,
      cvc: "123",
      name: "Ada Lovelace",
    });
    const frame = cardFrame(page);
    // EMV 3-D Secure: Browser Accept Language, Screen Color Depth, Java Enabled, and so on.
    expect(content.browser).toEqual({
      accept_language: "en-US",
      color_depth: 24,
      java_enabled: false,
      javascript_enabled: true,
      language: "en-US",
      screen_height: await frame.evaluate(() => screen.height),
      screen_width: await frame.evaluate(() => screen.width),
      tz_offset_min: -offsetMin("Europe/Vienna"),
      user_agent: await frame.evaluate(() => navigator.userAgent),
    });
    expect(values(opened)).toEqual(await expected(page));
  });
}

test("hardware_concurrency is the number of processors", async ({ card, page }) => {
  const form = await openReadable(card);
  const session = await frameSession(page);
  await session.send("Emulation.setHardwareConcurrencyOverride", { hardwareConcurrency: 3 });
  await card.type();
  expect(values(await form.submit())).toEqual(await expected(page, { hardware_concurrency: 3 }));
});

test.describe("languages", () => {
  test.use({ locale: "fr-CH" });

  test("are the browser's, not the session's", async ({ card, page }) => {
    const form = await openReadable(card, { session: { locale: "en" } });
    await card.type();
    const opened = await form.submit();
    expect(values(opened)).toEqual(await expected(page, { languages: ["fr-CH"] }));
    expect(opened.content.browser).toMatchObject({ accept_language: "fr-CH", language: "fr-CH" });
  });
});

test("languages keep their order", async ({ card, page }) => {
  const form = await openReadable(card);
  await emulateBrowser(page, { acceptLanguage: "gsw-CH,de-CH,rm,en" });
  await card.type();
  const opened = await form.submit();
  const languages = ["gsw-CH", "de-CH", "rm", "en"];
  expect(values(opened)).toEqual(await expected(page, { languages }));
  const browser = { accept_language: "gsw-CH,de-CH,rm,en", language: "gsw-CH" };
  expect(opened.content.browser).toMatchObject(browser);
});

test("pixel_ratio is in thousandths", async ({ launch }) => {
  // The same size in CSS pixels as ever: nothing but the ratio changes.
  const card = await launch("--screen-info={2100x1575 devicePixelRatio=2.625}");
  const opened = await typeAndOpen(card);
  expect(values(opened)).toEqual(await expected(card.page, { pixel_ratio: 2625 }));
});

test("platform is what the browser calls it", async ({ card, page }) => {
  const form = await openReadable(card);
  await emulateBrowser(page, { acceptLanguage: "en-US", platform: "MacIntel" });
  await card.type();
  expect(values(await form.submit())).toEqual(await expected(page, { platform: "MacIntel" }));
});

test("screen is the whole one and what is left of it", async ({ launch }) => {
  const card = await launch("--screen-info={1720x1310 colorDepth=30 workAreaTop=40}");
  const opened = await typeAndOpen(card);
  const size = { width: 1720, height: 1310, avail_width: 1720, avail_height: 1270 };
  const screen = { ...size, color_depth: 30 };
  expect(values(opened)).toEqual(await expected(card.page, { screen }));
  const browser = { screen_width: 1720, screen_height: 1310, color_depth: 30 };
  expect(opened.content.browser).toMatchObject(browser);
});

test.describe("time_zone", () => {
  // Same offset as the suite's own, all year: nothing but the name changes.
  test.use({ timezoneId: "Europe/Berlin" });
  test("is the zone's IANA name", async ({ card, page }) => {
    const opened = await typeAndOpen(card);
    expect(values(opened)).toEqual(await expected(page, { time_zone: "Europe/Berlin" }));
  });
});

for (const [timezoneId, utc_offset_min] of [
  ["Asia/Kabul", 270],
  ["Pacific/Marquesas", -570],
] as const) {
  test.describe("utc_offset_min", () => {
    test.use({ timezoneId });
    test(`is ${utc_offset_min} in ${timezoneId}`, async ({ card, page }) => {
      const opened = await typeAndOpen(card);
      const changes = { time_zone: timezoneId, utc_offset_min };
      expect(values(opened)).toEqual(await expected(page, changes));
      // 3-D Secure counts the other way round.
      expect(opened.content.browser).toMatchObject({ tz_offset_min: -utc_offset_min });
    });
  });
}

test.describe("touch_points", () => {
  test.use({ hasTouch: true });
  test("are those of a touch screen", async ({ card, page }) => {
    const opened = await typeAndOpen(card);
    expect(values(opened)).toEqual(await expected(page, { touch_points: 1 }));
  });
});

test.describe("key_timing", () => {
  for (const [dwell_ms, flight_ms] of [
    [60, 140],
    [95, 140],
    [60, 25],
  ] as const) {
    test(`of keys held for ${dwell_ms} ms, ${flight_ms} ms apart`, async ({ card, page, context }) => {
      const form = await openReadable(card);
      await card.number.focus();
      await typeWithRhythm(await context.newCDPSession(page), CARD.number, dwell_ms, flight_ms);
      // The rest without a key.
      for (const field of ["expiry", "cvc", "name"] as const) await card[field].fill(CARD[field]);
      const opened = await form.submit();
      const key_timing = {
        dwell_ms_median: dwell_ms,
        flight_ms_median: flight_ms,
        keys: CARD.number.length,
      };
      expect(values(opened)).toEqual(await expected(page, { key_timing }));
    });
  }

  test("counts keys that were taken back, and none that only move", async ({ card, page }) => {
    const form = await openReadable(card);
    await card.type({ name: "Ada Lovelacs" });
    for (const key of ["Backspace", "e", "ArrowLeft", "Shift+Tab", "Tab"]) await page.keyboard.press(key);
    const opened = await form.submit();
    expect(opened.content.card).toMatchObject({ name: CARD.name });
    const key_timing = { ...ANY_TIMING, keys: ANY_TIMING.keys + 2 };
    expect(values(opened)).toEqual(await expected(page, { key_timing }));
  });
});

test.describe("paste_counts", () => {
  test("are each field's own", async ({ card, page }) => {
    const form = await openReadable(card);
    await card.paste(CARD.number, card.number);
    for (let i = 0; i < 2; i++) await card.paste("12/30", card.expiry);
    await card.cvc.fill(CARD.cvc);
    for (let i = 0; i < 3; i++) await card.paste(CARD.name, card.name);
    await card.paste("1010", card.postalCode);
    const opened = await form.submit();
    expect(opened.content.card).toMatchObject({ number: CARD.number, postal_code: "1010" });
    const changes = {
      paste_counts: { number: 1, expiry: 2, cvc: 0, name: 3, postal_code: 1 },
      // A shortcut is not typing.
      key_timing: { dwell_ms_median: 0, flight_ms_median: 0, keys: 0 },
    };
    expect(values(opened)).toEqual(await expected(page, changes));
  });
});

test("a forged, a missing and a throwing property are told apart", async ({ card, page }) => {
  await page.addInitScript(() => {
    let reads = 0;
    const define = (name: string, get: () => unknown) =>
      Object.defineProperty(Navigator.prototype, name, { get });
    define("hardwareConcurrency", () => ++reads);
    define("maxTouchPoints", () => undefined);
    define("platform", () => {
      throw new Error("not to be read");
    });
  });
  const { signals } = (await typeAndOpen(card)).content;
  const us = expect.any(Number);
  expect(signals["hardware_concurrency"]).toEqual({ status: "unstable", us });
  expect(signals["touch_points"]).toEqual({ status: "skipped", us });
  expect(signals["platform"]).toEqual({ status: "error", us });
});

const LEVELS: [level: string, names: string[]][] = [
  ["minimal", ["languages", "time_zone", "utc_offset_min"]],
  ["off", []],
];
for (const [level, names] of LEVELS) {
  test(`a session with signals ${level} sends ${names.join(", ") || "none"}`, async ({ card, page }) => {
    const opened = await typeAndOpen(card, { signals: level });
    const all = Object.entries(await expected(page));
    expect(values(opened)).toEqual(Object.fromEntries(all.filter(([name]) => names.includes(name))));
    const privacy = level === "minimal" ? ["privacy"] : [];
    expect(Object.keys(opened.content.signals).sort()).toEqual([...names, ...privacy].sort());
    // The payment needs it whatever the merchant wants to know of the device.
    expect(opened.content.browser).toMatchObject({ language: "en-US", color_depth: 24 });
  });
}

test("what was typed and pasted is in no signal", async ({ card }) => {
  const secret = { number: "5555555555554444", expiry: "11 / 37", cvc: "987", name: "Zebulon Quux" };
  const form = await openReadable(card);
  await card.type({ ...secret, name: "" });
  await card.paste(secret.name, card.name);
  await card.paste("XK7 9QZ", card.postalCode);
  const opened = await form.submit();
  expect(opened.content.card).toMatchObject({ number: secret.number, postal_code: "XK7 9QZ" });
  const told = JSON.stringify([values(opened), opened.content.browser, texts(opened)]);
  for (const part of ["5555", "4444", "11/37", "11 / 37", "2037", "987", "Zebulon", "Quux", "XK7", "9QZ"]) {
    expect(told).not.toContain(part);
  }
});

function cardFrame(page: Page): Frame {
  return page.frames().find((frame) => frame.url().startsWith(stack.verifier))!;
}

/**
 * What the frame's process takes for the browser. The verifier's header Origin-Agent-Cluster gives it
 * one of its own whatever the page's host, where the page's settings do not reach.
 */
function frameSession(page: Page): Promise<CDPSession> {
  return page.context().newCDPSession(cardFrame(page));
}

/** Has the browser say other things of itself than it would. */
async function emulateBrowser(
  page: Page,
  override: { acceptLanguage: string; platform?: string },
): Promise<void> {
  const session = await frameSession(page);
  const { userAgent } = await session.send("Browser.getVersion");
  await session.send("Emulation.setUserAgentOverride", { userAgent, ...override });
}

/** Types digits with the times that a person's keys would have had: nobody waits for them. */
async function typeWithRhythm(
  session: CDPSession,
  digits: string,
  dwell_ms: number,
  flight_ms: number,
): Promise<void> {
  // A median is of whole milliseconds, rounded down: half of one keeps off the edge.
  let at_ms = Date.now();
  for (const digit of digits) {
    const key = { key: digit, code: `Digit${digit}`, windowsVirtualKeyCode: digit.charCodeAt(0) };
    const press = { ...key, type: "keyDown", text: digit, timestamp: at_ms / 1000 } as const;
    await session.send("Input.dispatchKeyEvent", press);
    at_ms += dwell_ms + 0.5;
    await session.send("Input.dispatchKeyEvent", { ...key, type: "keyUp", timestamp: at_ms / 1000 });
    at_ms += flight_ms + 0.5;
  }
}
