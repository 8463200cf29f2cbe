import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** What WCAG AA asks of text, and of lines and marks that mean something. */
const TEXT = 4.5;
const MARK = 3;

function tokens(): Readonly<Record<'light' | 'dark', ReadonlyMap<string, string>>> {
  const css = readFileSync(
    fileURLToPath(new URL('../../../web/src/style/tokens.css', import.meta.url)),
    'utf8',
  );
  const [light = '', dark = ''] = css.split(':root[data-theme="dark"]');
  const read = (part: string) =>
    new Map(
      [...part.matchAll(/--([a-z]+): (#[0-9a-f]{6});/g)].map(([, name = '', colour = '']) => [name, colour]),
    );
  return { light: read(light), dark: read(dark) };
}

function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

test('text and marks stand out from every ground they are on, in both themes', () => {
  for (const [theme, colours] of Object.entries(tokens())) {
    const colour = (name: string): string => {
      const value = colours.get(name);
      assert.ok(value !== undefined, `${theme} has no --${name}`);
      return value;
    };
    const least = (names: readonly string[], grounds: readonly string[], ratio: number): void => {
      for (const name of names) {
        for (const ground of grounds) {
          const found = contrast(colour(name), colour(ground));
          assert.ok(found >= ratio, `${theme}: --${name} on --${ground} is ${found.toFixed(2)}`);
        }
      }
    };
    least(['text', 'dim'], ['back', 'sheet', 'rise'], TEXT);
    least(['net', 'buy', 'sell', 'good', 'warn', 'bad', 'up', 'fall'], ['sheet', 'rise'], TEXT);
    least(['text'], ['alarm'], TEXT);
    least(['mark', 'zero', 'focus'], ['sheet'], MARK);
  }
});
