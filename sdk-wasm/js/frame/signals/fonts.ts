/**
 * `fonts`: which of 64 fonts there are, found by how wide a text in each comes out against the
 * browser's own serif. A list that systems and office programs differ in. Sixteen hexadecimal digits;
 * the first font is the lowest bit.
 */

const FONTS = (
  "Agency FB,American Typewriter,Andale Mono,Arial,Arial Black,Arial Unicode MS,Avenir,Bahnschrift,Bitstream Vera Sans," +
  "Calibri,Cambria,Candara,Cantarell,Century Gothic,Comic Sans MS,Consolas,Constantia,Courier New,DejaVu Sans," +
  "DejaVu Sans Mono,Droid Sans,Ebrima,FreeSans,Futura,Gadugi,Garamond,Geneva,Georgia,Gill Sans,Helvetica,Helvetica Neue," +
  "Hiragino Sans,Impact,Javanese Text,Leelawadee,Liberation Sans,Lobster,Lucida Console,Lucida Grande,Malgun Gothic,Menlo," +
  "Meiryo,Microsoft YaHei,Monaco,MS Gothic,MS Outlook,Nirmala UI,Noto Color Emoji,Noto Sans,Noto Sans CJK SC,Open Sans," +
  "Optima,Palatino,PingFang SC,Roboto,San Francisco Display,Segoe UI,SimSun,Sitka Text,Tahoma,Times New Roman,Trebuchet MS," +
  "Ubuntu,Verdana"
).split(",");

export function fonts(): string | undefined {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return undefined;
  const size = (font: string) => {
    context.font = `72px ${font}`;
    const { width, actualBoundingBoxAscent } = context.measureText("mmMwWLliI0O&1");
    return `${width} ${actualBoundingBoxAscent}`;
  };
  const serif = size("serif");
  let bits = 0n;
  FONTS.forEach((font, at) => {
    if (size(`"${font}",serif`) !== serif) bits |= 1n << BigInt(at);
  });
  return bits.toString(16);
}
