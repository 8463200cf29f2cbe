import { readFileSync, statSync } from 'node:fs';
import { SpreadscopeError } from '../core/errors.ts';
import { canonicalSymbol } from '../core/instruments.ts';
import { NativeIdTable, utf8Text } from '../venues/shared/symbol-table.ts';
import type { ListedInstrument, SymbolTable, Venue } from '../venues/venue.ts';
import { reasonOf } from './config-file.ts';
import { symbolByRule } from './quote-suffix.ts';

/** A symbol table that can also say which symbol a number stands for. */
export interface DecodeSymbols extends SymbolTable {
  symbolAt(instrument: number): string;
}

const MAX_FILE_BYTES = 256 * 1024 * 1024;
/** More ids than any venue lists; a stream of made-up ids is refused from here on. */
const RULE_CAPACITY = 32_768;

/** Symbols from a venue's own instrument-list reply. @throws FILE_UNREADABLE, VENUE_REPLY_INVALID */
export function listedSymbols(venue: Venue, file: string): DecodeSymbols {
  const listed = parseList(venue, readList(file), file);
  const table = new NativeIdTable(listed.length);
  const symbols = listed.map(({ base, quote }) => canonicalSymbol(base, quote));
  listed.forEach((instrument, number) => {
    table.add(instrument.nativeId, number);
  });
  return {
    find: (bytes, start, end) => table.find(bytes, start, end),
    symbolAt: (number) => symbols[number] ?? '',
  };
}

/** Symbols by the suffix rule, numbered as they are met. */
export function symbolsByRule(): DecodeSymbols {
  const table = new NativeIdTable(RULE_CAPACITY);
  const symbols: string[] = [];
  return {
    find: (bytes, start, end) => {
      const known = table.find(bytes, start, end);
      if (known >= 0 || symbols.length >= RULE_CAPACITY || end - start > 64) return known;
      const nativeId = utf8Text(bytes, start, end);
      const symbol = isId(nativeId) ? symbolByRule(nativeId) : undefined;
      if (symbol === undefined) return -1;
      table.add(nativeId, symbols.length);
      return symbols.push(symbol) - 1;
    },
    symbolAt: (number) => symbols[number] ?? '',
  };
}

/** Whatever can be written (venues list `$U`, `X(2)` and coins in all scripts); what is not UTF-8 or holds blanks is no id. */
function isId(text: string): boolean {
  return /^[^\s\p{C}\uFFFD]+$/u.test(text);
}

function readList(file: string): string {
  try {
    if (statSync(file).size > MAX_FILE_BYTES)
      throw new SpreadscopeError('FILE_UNREADABLE', `${file} is larger than 256 MiB`);
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    if (error instanceof SpreadscopeError) throw error;
    throw new SpreadscopeError('FILE_UNREADABLE', `cannot read ${file}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** The file is the reply itself, or a capture that has it in a line `URL -> TIME: BODY`. */
function parseList(venue: Venue, text: string, file: string): ListedInstrument[] {
  const bodies = [text, ...[...text.matchAll(/^\S+ -> [\d.]+: (.*)$/gm)].map((match) => match[1] ?? '')];
  let reason: unknown;
  for (const body of bodies) {
    try {
      const listed = venue.catalogue.parseInstruments(JSON.parse(body), Date.now());
      if (listed.length > 0) return listed;
    } catch (error) {
      reason ??= error;
    }
  }
  throw new SpreadscopeError('VENUE_REPLY_INVALID', `${file} is not an instrument list of ${venue.id}`, {
    cause: reason,
  });
}
