/**
 * `device_memory`: memory in MiB, as coarse as `navigator.deviceMemory` says (Device Memory); Chromium
 * only, in secure contexts. `voices`: how many voices `speechSynthesis` has (Web Speech API); asked at the
 * end, since browsers load them on first use. `webdriver`: what `navigator.webdriver` says (WebDriver).
 */

export function deviceMemory(): number | undefined {
  const { deviceMemory } = navigator as { deviceMemory?: number };
  return deviceMemory === undefined ? undefined : Math.round(deviceMemory * 1024);
}

export const voices = () => globalThis.speechSynthesis?.getVoices().length;

export const webdriver = () => Number(navigator.webdriver ?? false);
