import { defineConfig } from "@playwright/test";

/** The system's Chromium: Playwright's own builds are not in every package registry. */
const CHROMIUM = process.env["WAXSEAL_CHROMIUM"] ?? "/usr/bin/chromium";

export default defineConfig({
  testDir: ".",
  outputDir: "../test-results",
  globalSetup: "./stack/start.ts",
  fullyParallel: true,
  workers: 2,
  timeout: 30_000,
  expect: { timeout: 7_000 },
  forbidOnly: true,
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    // The locale below is put in the window's place alone: workers have the browser's own, which has to be the same.
    launchOptions: { executablePath: CHROMIUM, args: ["--no-sandbox", "--accept-lang=en-US"] },
    locale: "en-US",
    timezoneId: "Europe/Vienna",
    viewport: { width: 1100, height: 1000 },
    screenshot: "only-on-failure",
  },
});
