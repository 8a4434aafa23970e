/** An element of a picture, for tests. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Its own text, its children's left out. */
  readonly text: string;
}

/**
 * Reads the XML that charts are written in: elements, double-quoted attributes, text, the named entities. Stricter than XML where
 * that has more: no comments, declarations or character references.
 *
 * @throws Error where it is not well formed
 */
export function readXml(source: string): XmlElement {
  let at = 0;
  const root = readElement();
  if (at !== source.length) throw fault("something follows the root element");
  return root;

  function readElement(): XmlElement {
    const [, name = ""] = take(/<([a-zA-Z]+)/y, "an element");
    const attributes: Record<string, string> = {};
    for (let found = next(ATTRIBUTE); found !== null; found = next(ATTRIBUTE)) {
      const [, key = "", value = ""] = found;
      if (key in attributes) throw fault(`the attribute ${key} comes twice`);
      attributes[key] = unescaped(value);
    }
    if (next(/\/>/y) !== null) return { name, attributes, children: [], text: "" };
    take(/>/y, "an attribute or the end of a tag");
    const children: XmlElement[] = [];
    let text = "";
    for (;;) {
      text += unescaped(next(/[^<]+/y)?.[0] ?? "");
      const end = next(/<\/([a-zA-Z]+)>/y);
      if (end === null) children.push(readElement());
      else if (end[1] === name) return { name, attributes, children, text };
      else throw fault(`</${end[1]}> ends <${name}>`);
    }
  }

  function next(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found !== null) at = pattern.lastIndex;
    return found;
  }

  function take(pattern: RegExp, needed: string): RegExpExecArray {
    const found = next(pattern);
    if (found === null) throw fault(`${needed} is needed`);
    return found;
  }

  function unescaped(text: string): string {
    if (CONTROL.test(text) || !text.isWellFormed()) throw fault("a character that XML does not hold");
    return text.replaceAll(/&(\w*;?)/g, (_, entity: string) => {
      const character = ENTITIES[entity];
      if (character === undefined) throw fault(`&${entity} is no entity`);
      return character;
    });
  }

  function fault(words: string): Error {
    return new Error(`${words}, at ${at}: ${source.slice(Math.max(0, at - 40), at + 40)}`);
  }
}

const ATTRIBUTE = /\s+([a-zA-Z][a-zA-Z0-9-]*)="([^"<]*)"/y;
const ENTITIES: Readonly<Record<string, string>> = { "amp;": "&", "lt;": "<", "gt;": ">", "quot;": '"', "apos;": "'" };
// oxlint-disable-next-line eslint/no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/;
