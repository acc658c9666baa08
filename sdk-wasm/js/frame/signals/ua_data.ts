/**
 * `ua_data`: User-Agent Client Hints, of low and of high entropy (Chromium only, in secure contexts). The
 * brand is the most specific one: not Chromium, and not the one that is made up to keep lists open.
 */

export interface UaData {
  brands: { brand: string; version: string }[];
  mobile: boolean;
  platform: string;
  getHighEntropyValues?(hints: string[]): Promise<Record<string, string>>;
}

export const uaDataOf = () => (navigator as { userAgentData?: UaData }).userAgentData;

export async function uaData(): Promise<string[] | undefined> {
  const data = uaDataOf();
  if (!data) return undefined;
  const known = data.brands.filter(({ brand }) => !/not.*brand/i.test(brand));
  const { brand = "", version = "" } = known.find(({ brand }) => brand !== "Chromium") ?? known[0] ?? {};
  const hints = ["architecture", "bitness", "model", "platformVersion", "uaFullVersion"];
  // Refused by a policy or an older version: the low entropy stays.
  const high: Record<string, string> = (await data.getHighEntropyValues?.(hints).catch(() => ({}))) ?? {};
  return [
    brand,
    high["uaFullVersion"] || version,
    data.platform,
    high["platformVersion"],
    high["architecture"],
    high["bitness"],
    high["model"],
    data.mobile ? "mobile" : "",
  ].map((text) => text ?? "");
}
