/**
 * `window`: size of the form's frame and of the browser's window, and where that is (CSSOM View). A frame
 * is told the outer window's own.
 */
export const frame = () => [innerWidth, innerHeight, outerWidth, outerHeight, screenX, screenY].map((px) => Math.round(px));
