/**
 * `audio`: digest of a compressed tone, rendered offline: processors and browsers round differently
 * (the method is FingerprintJS's). Nothing sounds. Not where an app in the background may not render.
 */

import { digest } from "./digest";

export async function audio(): Promise<string | undefined> {
  if (typeof OfflineAudioContext !== "function") return undefined;
  const context = new OfflineAudioContext(1, 4_500, 44_100);
  const tone = context.createOscillator();
  tone.type = "triangle";
  tone.frequency.value = 10_000;
  const compressor = context.createDynamicsCompressor();
  for (const [name, value] of [["threshold", -50], ["knee", 40], ["ratio", 12], ["attack", 0], ["release", 0.25]] as const) {
    compressor[name].value = value;
  }
  tone.connect(compressor).connect(context.destination);
  tone.start(0);
  const samples = (await context.startRendering()).getChannelData(0);
  // The compressor needs the start to settle.
  return digest(samples.slice(4_000).join());
}
