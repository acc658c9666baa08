/**
 * Collects what the browser has to be asked for with some work, while the form is idle. What takes no
 * work, and how the form is filled, the module itself reads.
 */

import { audio } from "./audio";
import { canvas } from "./canvas";
import { deviceMemory, voices, webdriver } from "./device";
import { deviceToken, forgetDevice } from "./device_token";
import { fonts } from "./fonts";
import { headless } from "./headless";
import { identity } from "./identity";
import { colorGamut, media } from "./media";
import { read, within, type Readings } from "./measure";
import { natives } from "./natives";
import { permissions } from "./permissions";
import { privacy } from "./privacy";
import { storage } from "./storage";
import { uaData } from "./ua_data";
import { uaMismatch } from "./ua_mismatch";
import { graphics, isSoftware, type Graphics } from "./webgl";
import { frame } from "./window";
import type { Told } from "./worker";

declare const WORKER_URL: string;

/** How long a submit waits for what is under way, in ms. */
const PATIENCE_MS = 250;

const readings: Readings = {};
let collecting: Promise<void> | undefined;

/** Starts collecting; once, however often it is called. */
export function collect(level: string): void {
  collecting ??= collectAll(level).catch(() => undefined);
}

/** What there is, waiting a little for what is not there yet. */
export async function collected(level: string): Promise<Readings> {
  collect(level);
  await Promise.race([collecting, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  return readings;
}

async function collectAll(level: string): Promise<void> {
  if (level !== "full") forgetDevice();
  if (level === "off") return;
  const isFull = level === "full";
  performance.mark("waxseal.signals");
  // The first, since it works beside the rest.
  const told = isFull ? askWorker() : Promise.resolve(undefined);
  const step = (name: string, ...rest: [() => any, boolean?]) => read(readings, name, ...rest);
  let isCanvasUnstable = false;
  if (isFull) {
    await step("canvas", canvas, true);
    isCanvasUnstable = "u" in readings["canvas"]!;
    await step("natives", natives);
    await step("device_token", () => {
      const token = deviceToken();
      return token.length ? token : undefined;
    });
    const rest: [string, () => any, boolean?][] = [
      ["ua_data", uaData],
      ["window", frame],
      ["color_gamut", colorGamut],
      ["media", media],
      ["device_memory", deviceMemory],
      ["webdriver", webdriver],
      ["headless", headless],
      ["ua_mismatch", uaMismatch],
      ["fonts", fonts],
      ["storage", storage],
      ["permissions", permissions],
      ["audio", audio, true],
    ];
    for (const [name, measure, twice] of rest) await step(name, measure, twice);
  }
  await step("privacy", () => privacy(isCanvasUnstable));
  if (isFull) {
    const worker = await within(told);
    let drawn: Graphics | undefined;
    await step("webgl", () => {
      drawn = worker?.drew ? worker.graphics : graphics(document.createElement("canvas"));
      return drawn && [drawn.vendor, drawn.renderer];
    });
    await step("webgl_limits", () => drawn?.limits);
    await step("software_renderer", () => drawn && Number(isSoftware(drawn.renderer)));
    await step("worker", () => {
      const here = identity();
      return worker && here.reduce<number>((bits, value, at) => bits | (Number(value !== worker.identity[at]) << at), 0);
    });
    await step("voices", voices);
  }
  performance.measure("waxseal.signals", "waxseal.signals");
}

/** Starts the worker; nothing where it cannot start. */
function askWorker(): Promise<Told | undefined> {
  return new Promise((resolve) => {
    try {
      const worker = new Worker(WORKER_URL);
      const end = (told?: Told) => {
        worker.terminate();
        resolve(told);
      };
      worker.onmessage = ({ data }: MessageEvent<Told>) => end(data);
      worker.onerror = (event) => {
        // Else it is an error of the frame's, which ends the form.
        event.preventDefault();
        end();
      };
    } catch {
      resolve(undefined);
    }
  });
}
