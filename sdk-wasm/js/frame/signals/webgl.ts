/**
 * What `webgl`, `webgl_limits` and `software_renderer` are made of. Runs in a worker where the browser can
 * draw there, since making a context stops whoever asks for up to a tenth of a second; else in the frame.
 *
 * Firefox gives the renderer under its masked name and has deprecated the extension.
 */

import { digest } from "./digest";

export interface Graphics {
  vendor: string;
  renderer: string;
  limits: string;
}

// WebGL 1.0, section 5.14.3: numbers of the standard, so that their names need not be shipped.
const LIMITS = [
  0x0d33, 0x84e8, 0x851c, 0x8869, 0x8872, 0x8b4c, 0x8b4d, 0x8dfb, 0x8dfc, 0x8dfd, 0x0d3a, 0x846d, 0x846e, 0x0d50, 0x0d52,
  0x0d55, 0x0d56, 0x0d57, 0x8b8c, 0x80a9,
];
const [VENDOR, RENDERER, UNMASKED_VENDOR, UNMASKED_RENDERER] = [0x1f00, 0x1f01, 0x9245, 0x9246];
const [VERTEX_SHADER, FRAGMENT_SHADER, LOW_FLOAT, HIGH_FLOAT] = [0x8b31, 0x8b30, 0x8df0, 0x8df2];

export function graphics(canvas: HTMLCanvasElement | OffscreenCanvas): Graphics | undefined {
  const gl = canvas.getContext("webgl") as WebGLRenderingContext | null;
  if (!gl) return undefined;
  const parameter = (name: number) => {
    const value: unknown = gl.getParameter(name);
    return ArrayBuffer.isView(value) ? (value as Float32Array).join() : String(value);
  };
  const isFirefox = "mozInnerScreenX" in globalThis;
  const unmasked = isFirefox ? null : gl.getExtension("WEBGL_debug_renderer_info");
  const precisions = [VERTEX_SHADER, FRAGMENT_SHADER].flatMap((shader) =>
    [LOW_FLOAT, HIGH_FLOAT].map((type) => gl.getShaderPrecisionFormat(shader, type)?.precision),
  );
  const told = {
    vendor: parameter(unmasked ? UNMASKED_VENDOR : VENDOR),
    renderer: parameter(unmasked ? UNMASKED_RENDERER : RENDERER),
    limits: digest([...LIMITS.map(parameter), ...precisions, ...(gl.getSupportedExtensions() ?? [])].join()),
  };
  // A page may have only so many at once.
  gl.getExtension("WEBGL_lose_context")?.loseContext();
  return told;
}

/** `software_renderer`: names of what draws without graphics hardware. */
export const isSoftware = (renderer: string) =>
  /swiftshader|llvmpipe|softpipe|software|basic render|swrast|mesa offscreen|virtualbox|vmware/i.test(renderer);
