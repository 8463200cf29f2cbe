/** Characters that a terminal obeys or does not show: controls, format characters (writing direction), line ends of other kinds. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** ␀ … ␟ stand for the 32 old controls. */
const PICTURES = 0x2400;
const DELETE = 0x7f;
const DELETE_PICTURE = '␡';

/** Text for a terminal: what would move its cursor, or not be seen, becomes a visible sign. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (sign) => {
    const code = sign.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCharCode(PICTURES + code);
    return code === DELETE ? DELETE_PICTURE : `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}

/** JSON source text for a terminal: the same, as JSON's own escapes. */
export function visibleJson(json: string): string {
  return json.replace(INVISIBLE, (sign) =>
    [...Array(sign.length).keys()]
      .map((i) => `\\u${sign.charCodeAt(i).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}

const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60\uffe0-\uffe6]/u;
const NO_WIDTH = /\p{M}/u;

/** Cells that a text takes on a terminal. */
export function cells(text: string): number {
  let width = 0;
  for (const sign of text) width += cellsOf(sign);
  return width;
}

/** As much of a text as fits; `…` stands for the rest. */
export function cutToCells(text: string, most: number): string {
  if (cells(text) <= most) return text;
  let [kept, width] = ['', 0];
  for (const sign of text) {
    width += cellsOf(sign);
    if (width > most - 1) break;
    kept += sign;
  }
  return `${kept}…`;
}

function cellsOf(sign: string): number {
  if (sign.length === 1 && sign < '\u0300') return 1;
  return NO_WIDTH.test(sign) ? 0 : WIDE.test(sign) ? 2 : 1;
}
