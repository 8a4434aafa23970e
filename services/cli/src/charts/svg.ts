/** SVG as text: elements, escaping, and how wide a text will be, for there is nothing here that could measure it. */
export type Attributes = Readonly<Record<string, string | number>>;

/**
 * An element with children already written. Coordinates are rounded to hundredths of a pixel.
 * @throws RangeError where a number is not finite: no chart is drawn rather than a broken one
 */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${attribute(name, key, value)}"`);
  const content = children.join("");
  return content === "" ? `<${name}${written.join("")}/>` : `<${name}${written.join("")}>${content}</${name}>`;
}

/** A text element; the content is escaped. */
export function text(content: string, attributes: Attributes): string {
  return element("text", attributes, escapeText(content));
}

/** What a browser shows while the pointer rests on the element that it is put in. */
export function tooltip(content: string): string {
  return element("title", {}, escapeText(content));
}

/** Points of a path or a polyline. @throws RangeError where a number is not finite */
export function points(places: readonly (readonly [number, number])[]): string {
  return places.map(([x, y]) => `${rounded("points", x)},${rounded("points", y)}`).join(" ");
}

/** Text for content or a quoted attribute; what XML 1.0 cannot hold (control characters, half a surrogate pair) is a replacement character. */
export function escapeText(content: string): string {
  return content
    .toWellFormed()
    .replaceAll(NOT_IN_XML, "\uFFFD")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

// oxlint-disable-next-line eslint/no-control-regex -- they are what is looked for
const NOT_IN_XML = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g;

/** Pixels that a text takes at most in the fonts of these charts, at a size in pixels. */
export function textWidth(content: string, size: number): number {
  let ems = 0;
  for (const character of content) ems += emsOf(character);
  return ems * size;
}

/** The text, or as much of its beginning as fits with an ellipsis. */
export function fitText(content: string, size: number, width: number): string {
  if (textWidth(content, size) <= width) return content;
  let left = width - textWidth("…", size);
  let end = 0;
  for (const { segment, index } of CHARACTERS.segment(content)) {
    left -= textWidth(segment, size);
    if (left < 0) break;
    end = index + segment.length;
  }
  return `${content.slice(0, end).trimEnd()}…`;
}

const CHARACTERS = new Intl.Segmenter("en");

function emsOf(character: string): number {
  if (/[ .,:;'|!ijlI()[\]]/.test(character)) return 0.36;
  if (/[rtf\-"]/.test(character)) return 0.46;
  if (/[mwMW%@…—]/.test(character)) return 1;
  if (/[A-Z]/.test(character)) return 0.74;
  return (character.codePointAt(0) ?? 0) < 0x2e80 ? 0.59 : 1.05;
}

function attribute(name: string, key: string, value: string | number): string {
  return typeof value === "number" ? rounded(`${name} ${key}`, value) : escapeText(value);
}

function rounded(name: string, value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`${name} is ${value}`);
  return String(Number(value.toFixed(2)));
}
