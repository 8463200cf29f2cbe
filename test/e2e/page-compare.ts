import type { OpportunitiesReply, RouteReply, RoutesReply } from '../../src/wire/api.ts';
import { Differences } from './page-figures.ts';
import { ages, type Comparison, cellTexts, linesOf, titlesOf, VERDICTS } from './page-lines.ts';

const ROWS = 25;

export const screener: Comparison = async (rig) => {
  const d = new Differences();
  const title = await titlesOf(rig);
  const lines = await linesOf(rig, 'tr[data-route]', 'data-route');
  const shown = (await rig.page.locator('.shown').textContent()) ?? '';
  const { routes, total } = await rig.get<RoutesReply>(`routes?limit=${ROWS}`);
  d.figure('total', shown.replace(' routes', ''), total);
  d.text('order', [...lines.keys()].slice(0, ROWS).join(), routes.map(({ id }) => id).join());
  const bands = await rig.page.locator('tr[data-route] td.band').evaluateAll(bandTexts);
  for (const [i, row] of routes.entries()) {
    const [, rank, symbol, buy, ask, sell, bid, gross, net, , size, notional, age, , often, verdict] =
      lines.get(row.id) ?? [];
    const { id } = row;
    d.figure(`${id} rank`, rank, i + 1);
    d.text(`${id} symbol`, symbol, row.symbol);
    d.text(`${id} venues`, `${buy} ${sell}`, `${title(row.buy)} ${title(row.sell)}`);
    d.figure(`${id} ask`, ask, row.ask);
    d.figure(`${id} bid`, bid, row.bid);
    d.figure(`${id} gross`, gross, row.grossBps);
    d.figure(`${id} net`, net, row.netBps);
    d.figure(`${id} size`, size, row.size);
    d.figure(`${id} notional`, notional, row.notional);
    ages(d, `${id} age`, age, [row.buyAgeMs, row.sellAgeMs]);
    d.figure(`${id} often`, often, row.opportunitiesPerHour);
    d.text(`${id} verdict`, verdict, VERDICTS[row.verdict] ?? row.verdict);
    const [low, high, now] = (bands[i] ?? '').match(/[−\d.]+/g) ?? ['–', '–', '–'];
    d.figure(`${id} band`, low, row.bandLowBps);
    d.figure(`${id} band`, high, row.bandHighBps);
    if (row.bandLowBps !== null) d.figure(`${id} in the band`, now, row.netBps);
  }
  return d.list;
};

function bandTexts(
  cells: { querySelector(what: string): { getAttribute(name: string): string | null } | null }[],
): string[] {
  return cells.map((cell) => cell.querySelector('svg')?.getAttribute('aria-label') ?? '');
}

export const grid: Comparison = async (rig) => {
  const d = new Differences();
  const cards = await rig.page.locator('[data-card]').evaluateAll(
    (
      found: {
        getAttribute(name: string): string | null;
        querySelector(what: string): { readonly textContent: string } | null;
      }[],
    ) => found.map((card) => [card.getAttribute('data-card'), card.querySelector('b')?.textContent]),
  );
  const { routes } = await rig.get<RoutesReply>('routes?limit=12');
  d.text('cards', cards.map(([id]) => id).join(), routes.map(({ id }) => id).join());
  for (const [i, { id, netBps }] of routes.entries())
    d.figure(`${id} net`, cards[i]?.[1] ?? undefined, netBps);
  return d.list;
};

/** The symbol of which some pairs are in doubt is shown as well as the others: the matrix hides nothing. */
export const matrix: Comparison = async (rig) => {
  const d = new Differences();
  const symbol = (await rig.page.locator('#matrix h2').textContent()) ?? '';
  const cells = await rig.page
    .locator('.matrix td[data-route]')
    .evaluateAll((found: { getAttribute(name: string): string | null; readonly textContent: string }[]) =>
      found.map((cell) => [cell.getAttribute('data-route') ?? '', cell.textContent] as const),
    );
  const { routes } = await rig.get<RoutesReply>(`routes?only=${symbol}&identity=all&limit=100`);
  const expected = new Map(routes.map(({ id, netBps }) => [id, netBps]));
  if (expected.size < 20) d.list.push(`only ${expected.size} routes of ${symbol} in the API`);
  for (const [id, text] of cells) {
    d.figure(id, text, expected.get(id));
    expected.delete(id);
  }
  if (expected.size > 0) d.list.push(`not on the page: ${[...expected.keys()].join()}`);
  return d.list;
};

const CLOSED: Readonly<Record<string, string>> = { spread: 'the spread' };

export const opportunities: Comparison = async (rig) => {
  const d = new Differences();
  const title = await titlesOf(rig);
  const lines = await linesOf(rig, 'tr[data-opportunity]', 'data-opportunity');
  const open = await rig.page.locator('#open-count').textContent();
  const opened = (await rig.page.locator('#opportunities .shown').textContent()) ?? '';
  const found = await rig.get<OpportunitiesReply>('opportunities?from=-3600s&limit=1000');
  const expected = found.opportunities;
  if (expected.length < 3) d.list.push(`only ${expected.length} opportunities in the API`);
  d.figure('open', open ?? undefined, found.totals.open);
  d.figure('opened', opened.replace(/ opened.*/, ''), found.totals.opened);
  d.text('lines', `${lines.size}`, `${Math.min(200, expected.length)}`);
  const counts = await rig.page
    .locator('ol[aria-label^="Peak"] li .unseen')
    .evaluateAll((items: { readonly textContent: string }[]) =>
      items.reduce((sum, item) => sum + Number(item.textContent.split(': ').at(-1)), 0),
    );
  d.text('all in the histogram', `${counts}`, `${expected.length}`);
  for (const one of expected.slice(0, Math.min(lines.size, 200))) {
    const key = `${one.symbol}:${one.buy}:${one.sell} ${one.start}`;
    const [, symbol, buy, sell, lasted, peak, start, mean, notional, , ended] = lines.get(key) ?? [];
    d.text(`${key} route`, `${symbol} ${buy} ${sell}`, `${one.symbol} ${title(one.buy)} ${title(one.sell)}`);
    if (one.end !== null) d.figure(`${key} lasted`, lasted, one.durationMs);
    d.figure(`${key} peak`, peak, one.peakNetBps);
    d.figure(`${key} start`, start, one.startNetBps);
    d.figure(`${key} mean`, mean, one.timeMeanNetBps);
    d.figure(`${key} notional`, notional, one.peakNotional);
    const by = one.closedBy ?? 'open';
    d.text(`${key} ended by`, ended, CLOSED[by] ?? by.replace('-', ' leg: '));
  }
  return d.list;
};

/** @param id of the route on show */
export const route =
  (id: string): Comparison =>
  async (rig) => {
    const d = new Differences();
    const texts = (selector: string) => rig.page.locator(selector).allTextContents();
    const [net, gross, size, notional] = await texts('#route .headline dd');
    const legs = await rig.page.locator('#route .legs tbody tr').evaluateAll(cellTexts);
    const steps = await rig.page.locator('#route .waterfall tr').evaluateAll(cellTexts);
    const facts = await texts('#route .findings dl dd');
    const verdict = await texts('#route .findings h3 b');
    const reason = await texts('#verdict-reason');
    const legend = await texts('#route .u-legend .u-value');
    const reply = await rig.get<RouteReply>(`routes/${id.replaceAll(':', '/')}`);
    d.figure('net', net, reply.netBps);
    d.figure('gross', gross, reply.grossBps);
    d.figure('size', size, reply.size);
    d.figure('notional', notional, reply.notional);
    const { buy, sell } = reply.legs;
    const prices = [
      [legs[0]?.[1], buy.ask, buy.askSize],
      [legs[0]?.[2], sell.ask, sell.askSize],
      [legs[1]?.[1], buy.bid, buy.bidSize],
      [legs[1]?.[2], sell.bid, sell.bidSize],
    ] as const;
    for (const [i, [text, price, amount]] of prices.entries()) {
      const [shownPrice, shownAmount] = text?.split(' ') ?? [];
      d.figure(`price ${i}`, shownPrice, price);
      d.figure(`size ${i}`, shownAmount, amount);
    }
    for (const [i, { lastTrade }] of [buy, sell].entries()) {
      const text = legs[3]?.[i + 1];
      if (lastTrade === null) d.text(`trade ${i}`, text, '–');
      else {
        const [shownPrice, shownSize, side] = text?.split(' ') ?? [];
        d.figure(`trade price ${i}`, shownPrice, lastTrade.price);
        d.figure(`trade size ${i}`, shownSize, lastTrade.size);
        d.text(`trade side ${i}`, side, lastTrade.side);
      }
    }
    d.text('steps', `${steps.length}`, `${reply.waterfall.length}`);
    for (const [i, { step, bps }] of reply.waterfall.entries()) {
      if (bps !== null) d.figure(`step ${step}`, steps[i]?.[2], bps);
    }
    d.figure('last net of the chart', legend[1], reply.netBps);
    d.figure('last ask of the chart', legend[2], reply.ask);
    d.figure('last bid of the chart', legend[3], reply.bid);
    if (reply.findings === null) return [...d.list, 'no findings in the API'];
    const s = reply.findings.statistics;
    if (s.samples < 3) d.list.push(`only ${s.samples} samples in the API`);
    d.figure('samples', facts[0], s.samples * 1000);
    const [mean, deviation] = facts[1]?.replace(' bps', '').split(' ± ') ?? [];
    d.figure('mean', mean, s.meanBps);
    d.figure('deviation', deviation, s.deviationBps);
    const [least, greatest] = facts[2]?.replace(' bps', '').split(' … ') ?? [];
    d.figure('least', least, s.minBps);
    d.figure('greatest', greatest, s.maxBps);
    d.figure('crossings', facts[3]?.replace(' /min', ''), s.meanCrossingsPerMinute);
    d.figure('opportunities an hour', facts[8]?.replace(' /h', ''), s.opportunitiesPerHour);
    d.figure('half-life', facts[11], s.halfLifeMs);
    const { name, reason: why } = reply.findings.verdict;
    d.text('verdict', verdict[0], VERDICTS[name] ?? name);
    d.text('reason', reason[0], why);
    return d.list;
  };
