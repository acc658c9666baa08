/** `headless`: traces of a browser without a window, or of what drives it, as bits. */

const DRIVERS =
  /^(\$?cdc_|__(webdriver|driver|selenium|fxdriver|playwright|pw_?[a-z]*|puppeteer|nightmare)|_phantom|callPhantom|_selenium|callSelenium|_Selenium_IDE|domAutomation)/i;

export function headless(): number {
  const { userAgent } = navigator;
  const isChromium = /Chrom(e|ium)\//.test(userAgent);
  const isDesktop = !/Mobile|Android/.test(userAgent);
  // A web view has no such object.
  const isBrowser = isChromium && !/; wv\)/.test(userAgent);
  const denied = typeof Notification === "function" && Notification.permission === "denied";
  const checks = [
    /Headless/.test(userAgent),
    isChromium && isDesktop && navigator.plugins.length === 0,
    isBrowser && !("chrome" in globalThis),
    outerWidth === 0 || outerHeight === 0,
    // Of a browser that never was asked; a frame of another site is denied as well.
    denied && parent === window,
    !navigator.languages?.length,
    [...Object.getOwnPropertyNames(globalThis), ...Object.getOwnPropertyNames(document)].some((name) => DRIVERS.test(name)),
    outerWidth > screen.width + 32 || outerHeight > screen.height + 32,
  ];
  return bits(checks);
}

export function bits(checks: boolean[]): number {
  return checks.reduce((sum, check, at) => sum | (Number(check) << at), 0);
}
