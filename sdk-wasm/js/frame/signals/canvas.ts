/**
 * `canvas`: digests of two drawings of a 2D canvas: shapes (blending, smoothing), and text (fonts,
 * hinting). Drawn by the processor (`willReadFrequently`), which is quick to read back and does not
 * change with the graphics' driver; the driver is `webgl`'s to tell.
 */

import { digest } from "./digest";

export function canvas(): string[] | undefined {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return undefined;
  const shot = (width: number, height: number, draw: () => void) => {
    // Setting a size empties the canvas.
    [canvas.width, canvas.height] = [width, height];
    draw();
    return digest(canvas.toDataURL());
  };
  return [
    shot(96, 72, () => {
      context.globalCompositeOperation = "multiply";
      for (const [color, x, y] of [["#f2f", 32, 28], ["#2ff", 60, 28], ["#ff2", 46, 50]] as const) {
        context.fillStyle = color;
        context.beginPath();
        context.arc(x, y, 20, 0, 7);
        context.fill();
      }
      context.arc(46, 36, 30, 0, 7);
      context.fill("evenodd");
    }),
    shot(220, 44, () => {
      context.textBaseline = "alphabetic";
      context.fillStyle = "#f60";
      context.fillRect(90, 1, 50, 18);
      context.fillStyle = "#069";
      context.font = '11pt "Times New Roman"';
      // The smile is a character of the system's own emoji font.
      const text = `Cwm fjordbank gly ${String.fromCodePoint(0x1f603)}`;
      context.fillText(text, 2, 15);
      context.fillStyle = "rgba(102, 204, 0, 0.2)";
      context.font = "16pt Arial";
      context.fillText(text, 4, 38);
    }),
  ];
}
