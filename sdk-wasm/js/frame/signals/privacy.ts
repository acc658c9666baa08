/** `privacy`: a browser that protects its user, so that nobody is judged by what it masks. */

export interface Traits {
  userAgent: string;
  vendor: string;
  isBrave: boolean;
  isGecko: boolean;
  timeZone: string;
  /** Whether the canvas came out differently when drawn twice. */
  isCanvasUnstable: boolean;
  /** Whether all times are multiples of 16.67 or 100 ms. */
  isClockCoarse: boolean;
}

export function privacyMode(traits: Traits): string {
  const { userAgent, vendor, isBrave, isGecko, timeZone, isCanvasUnstable, isClockCoarse } = traits;
  if (isBrave) return "brave";
  // Everybody is in Iceland, or in no zone at all (Firefox bug 1364261).
  const isNowhere = /^(UTC|Atlantic\/Reykjavik|Etc\/.*)$/.test(timeZone);
  if (isGecko && [isNowhere, isCanvasUnstable, isClockCoarse].filter(Boolean).length > 1) return "firefox_resisting";
  if (/SamsungBrowser\//.test(userAgent)) return "samsung";
  const version = /Version\/(\d+)/.exec(userAgent)?.[1];
  return /^Apple/.test(vendor) && Number(version) >= 17 ? "safari" : "none";
}

export function privacy(isCanvasUnstable: boolean): string {
  return privacyMode({
    userAgent: navigator.userAgent,
    vendor: navigator.vendor,
    isBrave: "brave" in navigator,
    isGecko: "mozInnerScreenX" in globalThis,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    isCanvasUnstable,
    isClockCoarse: isCoarse(performance.now()) && isCoarse(performance.timeOrigin - Math.floor(performance.timeOrigin / 1e5) * 1e5),
  });
}

function isCoarse(ms: number): boolean {
  return [100, 50 / 3].some((step) => Math.abs(ms / step - Math.round(ms / step)) < 1e-4);
}
