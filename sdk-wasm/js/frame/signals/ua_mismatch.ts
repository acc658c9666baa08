/**
 * `ua_mismatch`: what contradicts the user agent, as bits. Families of systems and engines only: browsers
 * may shorten versions, and a tablet may ask for desktop pages.
 */

import { bits } from "./headless";
import { uaDataOf, type UaData } from "./ua_data";

export interface Claims {
  userAgent: string;
  platform: string;
  vendor: string;
  touchPoints: number;
  uaData?: Pick<UaData, "brands" | "mobile" | "platform"> | undefined;
  /** As the functions of the language show it: V8 in Chromium, JSC in Safari, SpiderMonkey in Firefox. */
  engine: "v8" | "jsc" | "spidermonkey" | "";
}

export const uaMismatch = () =>
  mismatches({
    userAgent: navigator.userAgent,
    platform: navigator.platform,
    vendor: navigator.vendor,
    touchPoints: navigator.maxTouchPoints,
    uaData: uaDataOf(),
    engine: engine(),
  });

export function mismatches({ userAgent, platform, vendor, touchPoints, uaData, engine }: Claims): number {
  const system = systemOf(userAgent);
  const isIos = system === "ios";
  const claimed = isIos || (/Safari\//.test(userAgent) && !/Chrom(e|ium)\//.test(userAgent))
    ? "jsc"
    : /Firefox\//.test(userAgent)
      ? "spidermonkey"
      : "v8";
  const major = /(?:Chrome|Chromium)\/(\d+)/.exec(userAgent)?.[1];
  const isAndroidWebkit = system === "android" && claimed === "jsc";
  return bits([
    platform !== "" && !platformsOf(system).test(platform),
    uaData !== undefined && uaData.platform !== "" && systemOf(uaData.platform) !== system,
    !!uaData?.brands.length && !!major && !uaData.brands.some(({ version }) => version === major),
    uaData !== undefined && uaData.mobile !== /Mobile/.test(userAgent),
    { v8: "Google Inc.", jsc: "Apple Computer, Inc.", spidermonkey: "" }[claimed] !== vendor && !isAndroidWebkit,
    engine !== "" && engine !== claimed && !isAndroidWebkit,
    touchPoints === 0 && /Mobile/.test(userAgent) && (isIos || system === "android"),
  ]);
}

function systemOf(text: string): string {
  const systems = [
    ["android", /Android/],
    ["ios", /iPhone|iPad|iPod|iOS/],
    ["windows", /Windows/],
    ["mac", /Macintosh|macOS|Mac OS X/],
    ["chromeos", /CrOS|Chrome ?OS/],
    ["linux", /Linux|X11/],
  ] as const;
  return systems.find(([, pattern]) => pattern.test(text))?.[0] ?? "other";
}

function platformsOf(system: string): RegExp {
  if (system === "windows") return /^Win/;
  if (system === "mac") return /^Mac/;
  // A tablet that asks for desktop pages says so in both; the other way round it keeps its platform.
  if (system === "ios") return /^(iP|Mac)/;
  return system === "other" ? /./ : /Linux|Android|CrOS|BSD|X11/;
}

function engine(): Claims["engine"] {
  // Numbers of characters in which the engines write a function of their own.
  if ("captureStackTrace" in Error && "stackTraceLimit" in Error && eval.toString().length === 33) return "v8";
  const error = new Error() as { fileName?: unknown; line?: unknown; sourceURL?: unknown };
  if ("fileName" in error) return "spidermonkey";
  return "line" in error || "sourceURL" in error ? "jsc" : "";
}
