// What is decided of a browser's answers, for browsers that do not run here.

import { expect, test } from "@playwright/test";
import { deviceToken } from "../../sdk-wasm/js/frame/signals/device_token";
import { privacyMode, type Traits } from "../../sdk-wasm/js/frame/signals/privacy";
import { mismatches, type Claims } from "../../sdk-wasm/js/frame/signals/ua_mismatch";
import { isSoftware } from "../../sdk-wasm/js/frame/signals/webgl";

const SAFARI = (version: string) =>
  `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/${version} Safari/605.1.15`;
const CHROME = (system: string, more = "") =>
  `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) ${more}Chrome/148.0.0.0 Safari/537.36`;
const WINDOWS = "Windows NT 10.0; Win64; x64";
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0";

const PLAIN: Traits = {
  userAgent: CHROME(WINDOWS),
  vendor: "Google Inc.",
  isBrave: false,
  isGecko: false,
  timeZone: "Europe/Vienna",
  isCanvasUnstable: false,
  isClockCoarse: false,
};
const GECKO = { userAgent: FIREFOX, vendor: "", isGecko: true };
const MODES: [mode: string, traits: Partial<Traits>][] = [
  ["none", {}],
  ["none", { timeZone: "UTC", isClockCoarse: true }],
  ["brave", { isBrave: true }],
  ["none", GECKO],
  ["none", { ...GECKO, timeZone: "UTC" }],
  ["firefox_resisting", { ...GECKO, timeZone: "UTC", isCanvasUnstable: true }],
  ["firefox_resisting", { ...GECKO, timeZone: "Atlantic/Reykjavik", isClockCoarse: true }],
  ["none", { userAgent: SAFARI("16.6"), vendor: "Apple Computer, Inc." }],
  ["safari", { userAgent: SAFARI("17.0"), vendor: "Apple Computer, Inc." }],
  ["safari", { userAgent: SAFARI("26.1"), vendor: "Apple Computer, Inc." }],
  ["samsung", { userAgent: CHROME("Linux; Android 10; K", "SamsungBrowser/27.0 ") }],
];
for (const [mode, traits] of MODES) {
  test(`privacy is ${mode} with ${JSON.stringify(traits)}`, () => {
    expect(privacyMode({ ...PLAIN, ...traits })).toBe(mode);
  });
}

const brands = [
  { brand: "Chromium", version: "148" },
  { brand: "Not_A Brand", version: "24" },
];
const DESKTOP: Claims = {
  userAgent: CHROME(WINDOWS),
  platform: "Win32",
  vendor: "Google Inc.",
  touchPoints: 0,
  uaData: { brands, mobile: false, platform: "Windows" },
  engine: "v8",
};
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
const apple = { vendor: "Apple Computer, Inc.", engine: "jsc", uaData: undefined } as const;
const PARTS = ["platform", "ua_data_platform", "ua_data_version", "ua_data_mobile", "vendor", "engine", "touch"];
const CLAIMS: [what: string, claims: Partial<Claims>, contradictions: string[]][] = [
  ["Chrome on Windows", {}, []],
  [
    "Chrome on Android",
    {
      userAgent: CHROME("Linux; Android 10; K").replace("Safari", "Mobile Safari"),
      platform: "Linux armv81",
      touchPoints: 5,
      uaData: { brands, mobile: true, platform: "Android" },
    },
    [],
  ],
  ["Chrome on ChromeOS", { userAgent: CHROME("X11; CrOS x86_64 14541.0.0"), platform: "Linux x86_64", uaData: { brands, mobile: false, platform: "Chrome OS" } }, []],
  ["Safari", { userAgent: SAFARI("18.5"), platform: "MacIntel", ...apple }, []],
  ["an iPhone", { userAgent: IPHONE, platform: "iPhone", touchPoints: 5, ...apple }, []],
  ["Firefox", { userAgent: FIREFOX, platform: "Linux x86_64", vendor: "", engine: "spidermonkey", uaData: undefined }, []],
  ["a server that says Windows", { platform: "Linux x86_64" }, ["platform"]],
  ["hints of another system", { uaData: { brands, mobile: false, platform: "Linux" } }, ["ua_data_platform"]],
  ["hints of another version", { uaData: { brands: [{ brand: "Chromium", version: "120" }], mobile: false, platform: "Windows" } }, ["ua_data_version"]],
  ["Chrome that says Safari", { userAgent: SAFARI("18.5"), platform: "MacIntel", uaData: undefined }, ["vendor", "engine"]],
  ["a desktop that says iPhone", { userAgent: IPHONE, platform: "MacIntel", ...apple }, ["touch"]],
  ["hints of a phone", { uaData: { brands, mobile: true, platform: "Windows" } }, ["ua_data_mobile"]],
];
for (const [what, claims, contradictions] of CLAIMS) {
  test(`${what} contradicts itself in ${contradictions.join(", ") || "nothing"}`, () => {
    const found = mismatches({ ...DESKTOP, ...claims });
    expect(PARTS.filter((_, at) => found & (1 << at))).toEqual(contradictions);
  });
}

test("what draws without graphics hardware is known by name", () => {
  for (const name of ["ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device (Subzero)), SwiftShader driver)", "llvmpipe (LLVM 15.0.7, 256 bits)", "Microsoft Basic Render Driver", "Google SwiftShader"]) {
    expect(isSoftware(name), name).toBe(true);
  }
  for (const name of ["Apple GPU", "ANGLE (NVIDIA, NVIDIA GeForce RTX 3060 Direct3D11)", "Mali-G78", "Mesa Intel(R) UHD Graphics 620"]) {
    expect(isSoftware(name), name).toBe(false);
  }
});

test("a device's token rotates after 30 days and is forgotten after 60", () => {
  const DAY_MS = 86_400_000;
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  } as unknown as Storage;
  const on = (day: number) => deviceToken(day * DAY_MS, storage);

  const [first, none, age] = on(20_000);
  expect([none, age]).toEqual(["", "0"]);
  expect(first).toMatch(/^[\w-]{22}$/);
  expect(on(20_029)).toEqual([first, "", "29"]);
  const [second, former, zero] = on(20_030);
  expect([former, zero]).toEqual([first, "0"]);
  expect(second).not.toBe(first);
  expect(on(20_031)).toEqual([second, first, "1"]);
  expect(on(20_089)[1]).toBe(second);
  // Sixty days without a visit, a clock that went back, and what somebody wrote there.
  const [third] = on(20_200);
  expect(on(20_200)).toEqual([third, "", "0"]);
  expect(on(20_100)).toEqual([expect.not.stringMatching(third!), "", "0"]);
  kept.set("waxseal.device", "x".repeat(100));
  expect(on(20_100)).toEqual([expect.stringMatching(/^[\w-]{22}$/), "", "0"]);
  // Where nothing is kept there is no token.
  expect(deviceToken(0, { getItem: () => null, setItem: () => undefined } as unknown as Storage)).toEqual([]);
});
