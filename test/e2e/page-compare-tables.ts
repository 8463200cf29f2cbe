import type { AlertsReply, BoundsReply, IdentityReply, VenuesReply } from '../../src/wire/api.ts';
import { Differences } from './page-figures.ts';
import { ages, type Comparison, cellTexts, linesOf, localTime, titlesOf } from './page-lines.ts';

export const venues: Comparison = async (rig) => {
  const d = new Differences();
  const before = await rig.get<VenuesReply>('venues');
  const lines = await linesOf(rig, 'tr[data-venue-row]', 'data-venue-row');
  const { venues: after } = await rig.get<VenuesReply>('venues');
  d.text('venues', [...lines.keys()].join(), after.map(({ venue }) => venue).join());
  for (const [i, row] of after.entries()) {
    const cells = lines.get(row.venue) ?? [];
    const say = (at: number, what: string, value: number | null) =>
      d.figure(`${row.venue} ${what}`, cells[at], value);
    d.text(`${row.venue} title`, cells[0], row.title);
    d.text(`${row.venue} state`, cells[1], `${row.state} ${row.reason}`.trim());
    say(2, 'messages', row.rates.frames);
    say(3, 'quotes', row.rates.quotes);
    say(4, 'trades', row.rates.trades);
    say(5, 'lag p50', row.lagMs.p50);
    say(6, 'lag p99', row.lagMs.p99);
    ages(d, `${row.venue} last`, cells[7], [row.lastMessageAgeMs]);
    d.text(`${row.venue} sockets`, cells[8], `${row.connections.open}/${row.connections.wanted}`);
    say(9, 'reconnects', row.reconnects);
    d.text(`${row.venue} live`, cells[10], `${row.subscriptions.live} of ${row.instruments}`);
    say(11, 'silent', row.subscriptions.silent);
    say(12, 'pending', row.subscriptions.pending);
    say(13, 'refused', row.subscriptions.refused);
    say(14, 'bad frames', sum(row.errors));
    d.between(
      `${row.venue} gaps`,
      cells[15],
      before.venues[i]?.recording?.gaps ?? null,
      row.recording?.gaps ?? null,
    );
    say(16, 'lost', row.recording?.lost ?? null);
    say(17, 'fee', row.takerFeeBps);
  }
  return d.list;
};

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

export const bounds: Comparison = async (rig) => {
  const d = new Differences();
  const before = await rig.get<BoundsReply>('bounds');
  const lines = await linesOf(rig, 'tr[data-bound]', 'data-bound');
  const total = await rig.page.locator('#bounds-total').textContent();
  const budget = await rig.page.locator('#bounds-budget').textContent();
  const after = await rig.get<BoundsReply>('bounds');
  d.figure('total', total ?? undefined, after.total);
  d.figure('budget', budget ?? undefined, after.budget);
  const known = new Map(before.bounds.map((bound) => [bound.name, bound]));
  d.text(
    'names',
    [...lines.keys()].toSorted().join(),
    after.bounds
      .map(({ name }) => name)
      .toSorted()
      .join(),
  );
  for (const bound of after.bounds) {
    const [, policy, cleanedBy, used, peak, capacity, , memory, ...losses] = lines.get(bound.name) ?? [];
    const was = known.get(bound.name) ?? bound;
    d.text(`${bound.name} policy`, policy, bound.policy);
    d.text(`${bound.name} emptied by`, cleanedBy, bound.cleanedBy);
    d.figure(`${bound.name} capacity`, capacity, bound.capacity);
    d.figure(`${bound.name} memory`, memory, bound.capacityBytes);
    d.between(`${bound.name} used`, used, Math.min(was.used, bound.used), Math.max(was.used, bound.used));
    // What only grows: the page is at most half a second behind the first reading.
    d.between(`${bound.name} peak`, peak, 0, bound.peak);
    for (const [i, name] of (['refused', 'replaced', 'evicted', 'lost'] as const).entries()) {
      d.between(`${bound.name} ${name}`, losses[i], was[name], bound[name]);
    }
  }
  return d.list;
};

export const alerts: Comparison = async (rig) => {
  const d = new Differences();
  const lines = await rig.page.locator('#alerts tbody tr').evaluateAll(cellTexts);
  const sinks = await rig.page.locator('#sinks tbody tr').evaluateAll(cellTexts);
  const heading = (await rig.page.locator('#alerts-page header h2').textContent()) ?? '';
  const reply = await rig.get<AlertsReply>('alerts');
  if (reply.alerts.length < 2) d.list.push(`only ${reply.alerts.length} alerts in the API`);
  d.figure('told', heading.replace(/ alerts.*/, ''), reply.counts.told);
  d.text('lines', `${lines.length}`, `${reply.alerts.length}`);
  for (const [i, { time, rule, message }] of reply.alerts.entries()) {
    d.text(`alert ${i}`, lines[i]?.join(' | '), `${localTime(time)} | ${rule} | ${message}`);
  }
  for (const [i, sink] of reply.sinks.entries()) {
    const [name, delivered, undelivered, waiting] = sinks[i] ?? [];
    d.text('sink', name, sink.sink);
    d.figure(`${sink.sink} delivered`, delivered, sink.delivered);
    d.figure(`${sink.sink} undelivered`, undelivered, sink.undelivered);
    d.figure(`${sink.sink} waiting`, waiting, sink.waiting);
  }
  return d.list;
};

export const identity: Comparison = async (rig) => {
  const d = new Differences();
  const title = await titlesOf(rig);
  const lines = await linesOf(rig, 'tr[data-pair]', 'data-pair');
  const heading = (await rig.page.locator('#identities header h2').textContent()) ?? '';
  const { pairs, quarantined, file } = await rig.get<IdentityReply>('identity');
  if (quarantined < 7) d.list.push(`only ${quarantined} pairs in quarantine in the API`);
  d.figure('quarantined', heading.replace(/ pair.*/, ''), quarantined);
  d.text('file', (await rig.page.locator('#identities code').textContent()) ?? undefined, file);
  d.text('lines', `${lines.size}`, `${pairs.length}`);
  for (const { symbol, venues: pair, state, ratio, minRatio, maxRatio, since } of pairs) {
    const key = `${symbol}:${pair.join(':')}`;
    const [name, both, shownState, , shownRatio, range = '', shownSince] = lines.get(key) ?? [];
    d.text(`${key} symbol`, name, symbol);
    d.text(`${key} venues`, both, pair.map(title).join(' · '));
    d.text(`${key} state`, shownState, state);
    const [least, most] = range.split(' … ');
    for (const [what, text, value] of [
      ['ratio', shownRatio, ratio],
      ['least', least, minRatio],
      ['most', most, maxRatio],
    ] as const) {
      // Five digits.
      if (Math.abs(Number(text) - Number(value)) > Number(value) * 1e-4)
        d.list.push(`${key} ${what}: ${text} on the page, ${value} in the API`);
    }
    d.text(`${key} since`, shownSince, since === null ? '–' : localTime(since));
  }
  return d.list;
};
