import { type BoundReading, boundOf } from '../core/bounds.ts';
import type { OpportunityFollower, OpportunityTable } from './opportunities.ts';

/** When a rule about routes is fulfilled: an opportunity whose net spread and notional stayed over these for so long. */
export interface RouteCondition {
  /** A fraction. */
  readonly minNet: number;
  /** Quote units. */
  readonly minNotional: number;
  /** µs. */
  readonly lasting: number;
}

export interface AlertRulesOptions {
  readonly conditions: readonly RouteCondition[];
  readonly openCapacity: number;
  /** Whether the rule is about this directed route, as the pool of pairs numbers it; asked when an opportunity opens. */
  readonly isAbout: (rule: number, place: number) => boolean;
  /** The rule was fulfilled at `time`, µs of the rows; once for an opportunity. Net and notional are those that held then. */
  readonly fulfilled: (rule: number, place: number, time: number, net: number, notional: number) => void;
}

/** As many as bits in an integer that V8 keeps unboxed. */
export const MOST_RULES = 16;

/**
 * Which opportunities fulfil which rules, tick by tick. It knows no time but that of the rows: whether somebody looks often or seldom, the same rules are fulfilled at the same times.
 */
export class AlertRules implements OpportunityFollower {
  readonly #options: AlertRulesOptions;
  readonly #count: number;
  /** Rules that an open opportunity may still fulfil, as bits. */
  readonly #left: Uint16Array;
  /** Of each slot and rule: since when it holds, µs; NaN = it does not. */
  readonly #since: Float64Array;
  /** What the last tick of a slot left: the table itself may know a later one when a rule turns out to be fulfilled. */
  readonly #net: Float64Array;
  readonly #notional: Float64Array;

  constructor(options: AlertRulesOptions) {
    this.#options = options;
    this.#count = options.conditions.length;
    if (this.#count > MOST_RULES) throw new RangeError(`at most ${MOST_RULES} rules`);
    this.#left = new Uint16Array(options.openCapacity);
    this.#net = new Float64Array(options.openCapacity);
    this.#notional = new Float64Array(options.openCapacity);
    this.#since = new Float64Array(options.openCapacity * this.#count).fill(Number.NaN);
  }

  opened(table: OpportunityTable, slot: number): void {
    const place = table.placeOf[slot] as number;
    let left = 0;
    for (let rule = 0; rule < this.#count; rule++) {
      this.#since[slot * this.#count + rule] = Number.NaN;
      if (this.#options.isAbout(rule, place)) left |= 1 << rule;
    }
    this.#left[slot] = left;
    if (left !== 0) this.#look(table, slot);
  }

  ticked(table: OpportunityTable, slot: number): void {
    if (this.#left[slot] === 0) return;
    this.#pass(table, slot, table.time[slot] as number);
    this.#look(table, slot);
  }

  closed(table: OpportunityTable, slot: number): void {
    if (this.#left[slot] !== 0) this.#pass(table, slot, table.columns.end[slot] as number);
    this.#left[slot] = 0;
  }

  /** Time has come to `now`, µs: what held until then counts, where no tick says so. */
  settle(table: OpportunityTable, now: number): void {
    for (let slot = 0; slot < this.#left.length; slot++)
      if (this.#left[slot] !== 0) this.#pass(table, slot, now);
  }

  bound(): BoundReading {
    const capacity = this.#left.length;
    const bytes = [this.#left, this.#since, this.#net, this.#notional].reduce(
      (sum, one) => sum + one.byteLength,
      0,
    );
    const facts = {
      name: 'alerts.rules',
      policy: 'refuse',
      cleanedBy: 'the end of the opportunity',
    } as const;
    const used = this.#left.reduce((count, left) => count + Number(left !== 0), 0);
    return boundOf({ ...facts, capacity, capacityBytes: bytes }, { used });
  }

  /** What held until `now` may have held for long enough. */
  #pass(table: OpportunityTable, slot: number, now: number): void {
    const left = this.#left[slot] as number;
    for (let rule = 0; rule < this.#count; rule++) {
      if ((left & (1 << rule)) === 0) continue;
      const since = this.#since[slot * this.#count + rule] as number;
      const { lasting } = this.#options.conditions[rule] as RouteCondition;
      if (now - since >= lasting) this.#fulfil(table, slot, rule, since + lasting);
    }
  }

  /** A tick: what holds from now on, and what does not any more. */
  #look(table: OpportunityTable, slot: number): void {
    const left = this.#left[slot] as number;
    const net = table.net[slot] as number;
    const notional = table.notionalOf(slot);
    this.#net[slot] = net;
    this.#notional[slot] = notional;
    const now = table.time[slot] as number;
    for (let rule = 0; rule < this.#count; rule++) {
      if ((left & (1 << rule)) === 0) continue;
      const at = slot * this.#count + rule;
      const { minNet, minNotional, lasting } = this.#options.conditions[rule] as RouteCondition;
      if (!(net >= minNet && notional >= minNotional)) this.#since[at] = Number.NaN;
      else if (lasting === 0) this.#fulfil(table, slot, rule, now);
      else if (Number.isNaN(this.#since[at] as number)) this.#since[at] = now;
    }
  }

  #fulfil(table: OpportunityTable, slot: number, rule: number, time: number): void {
    this.#left[slot] = (this.#left[slot] as number) & ~(1 << rule);
    this.#options.fulfilled(
      rule,
      table.placeOf[slot] as number,
      time,
      this.#net[slot] as number,
      this.#notional[slot] as number,
    );
  }
}
