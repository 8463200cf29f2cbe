import type { IdentityState } from '../core/route-notes.ts';
import type { VenueId } from '../core/venue-ids.ts';

/** One step from gross to net: what it does to the spread, what it rests on, and what would stop the route here. */
export interface WaterfallStep {
  readonly step: 'gross' | 'buyFee' | 'sellFee' | 'size' | 'buyAge' | 'sellAge' | 'identity' | 'net';
  /** What it adds to the spread, basis points; of `gross` and `net` the spread itself; null = it adds nothing, or that is not known. */
  readonly bps: number | null;
  /** Its own figure, for people; empty = none. */
  readonly value: string;
  /** How old the quote is that it rests on, the older of two; null = it rests on none, or none came. */
  readonly ageMs: number | null;
  /** What has to hold for the route to go on, for people; null = nothing. */
  readonly gate: { readonly rule: string; readonly passes: boolean } | null;
  readonly note: string;
}

/** What a waterfall is made of. Fractions; figures are NaN where a leg is not valid. */
export interface WaterfallFacts {
  readonly symbol: string;
  readonly buy: VenueId;
  readonly sell: VenueId;
  readonly bid: number;
  readonly ask: number;
  readonly buyFee: number;
  readonly sellFee: number;
  readonly gross: number;
  readonly net: number;
  readonly size: number;
  readonly notional: number;
  readonly buyAgeMs: number | null;
  readonly sellAgeMs: number | null;
  readonly maxAgeMs: number;
  /** Why each leg is not valid; empty = it is. */
  readonly buyFault: string;
  readonly sellFault: string;
  readonly identity: IdentityState;
  /** What somebody asks of a route: the least notional, the least net spread (a fraction) and whether both venues must mean the same coin. */
  readonly minNotional: number;
  readonly minNet: number;
  readonly trustedOnly: boolean;
}

const BPS = 10_000;
const UNTRUSTED: Readonly<Record<IdentityState, string>> = {
  ok: '',
  approved: '',
  suspect: 'the mid prices are too far apart for one coin',
  quarantined: 'the mid prices were too far apart for too long: approve or deny the pair',
  denied: 'somebody said that the two venues mean different coins',
};

/** Gross, what each fee takes, what can be traded, how old it is, whether it is the same coin, and net. The figures of gross and both fees add up to that of net. */
export function waterfall(facts: WaterfallFacts): WaterfallStep[] {
  const { symbol, buy, sell, buyFee, sellFee, gross, net } = facts;
  const [base = '', quote = ''] = symbol.split(/-(?=[^-]*$)/);
  const afterBuy = facts.bid / (facts.ask * (1 + buyFee)) - 1;
  const faults = [facts.buyFault, facts.sellFault].filter((fault) => fault !== '');
  const valid = faults.length === 0;
  const older = olderOf(facts.buyAgeMs, facts.sellAgeMs);
  const bps = (fraction: number): number | null => (valid ? fraction * BPS : null);
  const plain = { bps: null, ageMs: null, gate: null };
  const trusted = UNTRUSTED[facts.identity] === '';
  return [
    {
      ...{ step: 'gross', bps: bps(gross), ageMs: older },
      value: valid ? `bid ${facts.bid}, ask ${facts.ask}` : '',
      gate: { rule: 'both legs are valid', passes: valid },
      note: valid ? `bid on ${sell} over ask on ${buy}` : faults.join('; '),
    },
    {
      ...{ ...plain, step: 'buyFee', bps: bps(afterBuy - gross), value: percent(buyFee) },
      note: `taker fee on ${buy}, ${percent(buyFee)}`,
    },
    {
      ...{ ...plain, step: 'sellFee', bps: bps(net - afterBuy), value: percent(sellFee) },
      note: `taker fee on ${sell}, ${percent(sellFee)}`,
    },
    {
      ...{ ...plain, step: 'size', ageMs: older },
      value: valid ? `${short(facts.size)} ${base} for ${short(facts.notional)} ${quote}` : '',
      gate: {
        rule: facts.minNotional > 0 ? `at least ${short(facts.minNotional)} ${quote}` : 'more than nothing',
        passes: valid && facts.size > 0 && facts.notional >= facts.minNotional,
      },
      note: 'the smaller of what is offered and what is bid for',
    },
    ageStep('buyAge', buy, facts.buyAgeMs, facts.maxAgeMs),
    ageStep('sellAge', sell, facts.sellAgeMs, facts.maxAgeMs),
    {
      ...{ ...plain, step: 'identity', value: facts.identity },
      gate: facts.trustedOnly ? { rule: 'both venues mean the same coin', passes: trusted } : null,
      note: trusted ? `${symbol} is the same coin on both venues` : UNTRUSTED[facts.identity],
    },
    {
      ...{ step: 'net', bps: bps(net), value: '', ageMs: older },
      gate: Number.isFinite(facts.minNet)
        ? { rule: `at least ${short(facts.minNet * BPS)} bps`, passes: valid && net >= facts.minNet }
        : null,
      note: 'what is left',
    },
  ];
}

function ageStep(
  step: 'buyAge' | 'sellAge',
  venue: VenueId,
  ageMs: number | null,
  maxAgeMs: number,
): WaterfallStep {
  return {
    ...{ step, bps: null, ageMs, value: ageMs === null ? 'no quote' : `${short(ageMs)} ms` },
    gate: { rule: `at most ${short(maxAgeMs / 1000)} s`, passes: ageMs !== null && ageMs <= maxAgeMs },
    note: `since the quote of ${venue} came`,
  };
}

function olderOf(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}

function percent(fraction: number): string {
  return `${Number((fraction * 100).toPrecision(6))} %`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(5)));
}
