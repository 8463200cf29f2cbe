/** Why a place on the path of data cannot grow with what comes. */
const CODE = 'as large as the code says';
const CONFIG = 'as many as the configuration names';
const CALL = 'lives for one call, and what it is made of is bounded';
const NOT_ONE = 'is no collection of ours: a method of that name';
/** Its line in the ledger; `feed` stands for each feed worker. */
const line = (name: string) => `ledger ${name}`;

const each = (names: string, why: string): Record<string, string> =>
  Object.fromEntries(names.split(' ').map((name) => [name, why]));

/** Every place of the data path, by file and name, with the line of the ledger that covers it or the reason why it needs none. */
export const BOUNDED_PLACES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'feed/catalogue.ts': { DOLLARS: CODE, byId: CALL, dollarPrices: CALL },
  'feed/connection.ts': { '#instruments': line('feed.subscriptions') },
  'feed/feed.ts': { '#venues': CONFIG, '#peaks': CODE, '#groupOf': line('feed.ownership'), numbers: CODE },
  'feed/frame-writer.ts': { 'closeFrame()': CODE, frame: CALL },
  'feed/lag-histogram.ts': each('#now #before', line('feed.lag-histograms')),
  'feed/liveness.ts': { '#ms': CODE },
  'feed/outgoing.ts': { '#replies': 'eight at most; the oldest goes' },
  'feed/ownership.ts': each('owner heir elder heard units #last #heirLast #catchUp', line('feed.ownership')),
  'feed/quote-sink.ts': each('#place stamp', CODE),
  'feed/rate-window.ts': { '#uses': 'as many as the limit of the venue, which its facts name' },
  'feed/raw-transport.ts': { EMPTY: CODE, '#reader': NOT_ONE },
  'feed/recent-trades.ts': {
    ...each('#first #second', line('feed.recent-trades')),
    ...each('#time #timeBits', CODE),
  },
  'feed/slot.ts': { instruments: line('feed.subscriptions') },
  'feed/socket-reads.ts': {
    BUFFER: line('feed.socket-reads'),
    '#waiting': 'one read at most: nothing is read on while it waits',
  },
  'feed/spill-buffer.ts': { '#resident': line('feed.connections'), larger: line('feed.large-messages') },
  'feed/subscriptions.ts': {
    ...each('#byKey #byInstrument #requests #sent #refused #unsent', line('feed.subscriptions')),
    byId: CALL,
  },
  'feed/venue-counters.ts': { values: CODE },
  'feed/venue-feed.ts': {
    '#places': line('app.instruments'),
    '#slots': line('feed.connections'),
    '#closings': 'a connection each, half a second at most',
    ...each('wanted hands', CALL),
  },
  'ring/conflating-producer.ts': {
    replaced: CODE,
    ...each('#overflow #waiting #queue', line('feed.quotes-overflow')),
  },
  'ring/ring.ts': {
    'createRing()': CALL,
    buffer: line('feed.quotes'),
    ...each('name cursorsOf() countersOf()', 'a view of the ring, which has its own line'),
  },
  'market/alert-book.ts': {
    '#last': line('alerts.cooldowns'),
    '#waiting': line('alerts.waiting'),
    '#venueLast': CODE,
    ...each('coins #tellVenue()', CALL),
  },
  'market/alert-rules.ts': each('#left #net #notional #since', line('alerts.rules')),
  'market/analysis.ts': { '#latest': CODE, '#sampled': line('market.pairs') },
  'market/close-reasons.ts': each('OF_BUY OF_SELL', CODE),
  'market/identity.ts': each(
    '#state #reason #farSince #awaySince #since #judged #ratio #least #greatest',
    line('market.identity'),
  ),
  'market/opportunities.ts': {
    '#now': CODE,
    ...each(
      'placeOf net time #sum #integral #nextDelay #slotOf #refused #ofLeg',
      line('market.open-opportunities'),
    ),
  },
  'market/pairs.ts': each('#pairOf low high #venues', line('market.pairs')),
  'market/statistics.ts': {
    ...each('constructor() #second #cycleSince #samples #bucket #band #state', line('market.statistics')),
    ...{ values: CALL, NO_BANDS: CODE },
  },
  'market/thresholds.ts': each('openNet closeNet', line('market.open-opportunities')),
  'market/tick-legs.ts': { clock: CODE, ...each('until end', line('market.pairs')) },
  'market/quotes.ts': {
    ...each('clock #counts', CODE),
    ...each('legs facts instrumentOf #cellOf', line('market.legs')),
  },
  'market/ranking.ts': each('#keys #order', line('market.symbols')),
  'market/route-analysis.ts': each('#perHour #verdicts', line('market.route-notes')),
  'market/route-filter.ts': each('symbols routes', CALL),
  'market/routes.ts': { net: line('market.routes') },
  'market/symbols.ts': each('#numbers #wanted #alphabet #names #capitals', line('market.symbols')),
  'market/trades.ts': {
    '#totals': CODE,
    ...each('#price #size #receiveTime #side', line('market.legs')),
  },
  'market/window-arena.ts': {
    ...{ '#row': CODE, 'window()': CALL },
    ...each('#open #state #coveredFrom', line('market.windows')),
  },
  'market/window-codec.ts': each('bytes #pair #pairBytes', CODE),
  'market/lead-lag.ts': { returns: CALL },
  'market/window-pages.ts': {
    length: CALL,
    ...each('bytes #lastTime #fill #samples', line('market.windows')),
  },
  'market/watch.ts': {
    ...each(
      '#arena #route #symbol #written #lastSample #lastWatched #perSymbol #lastRefused',
      line('market.watched-routes'),
    ),
    values: CALL,
  },
  'lake/opportunity-rows.ts': { REASONS: CODE },
  'lake/begin-life.ts': { known: CALL },
  'lake/chunk-columns.ts': each(
    '#scratch #bytes #shorts #words #doubles #validity #text #textBytes length',
    line('lake.conversion-engine'),
  ),
  'lake/compactor.ts': { unfinished: CALL, cuts: CALL },
  'lake/converter.ts': each('folders wanted hours found ranks table', CALL),
  'lake/frame-pool.ts': each('memory #frames', line('lake.journal-frames')),
  'lake/gap-rows.ts': { REASONS: CODE },
  'lake/gap-tracker.ts': {
    ...each('#from #kind #ofVenues #waiting', line('lake.gaps')),
    ...{ told: CODE, left: CALL },
  },
  'lake/history-bands.ts': each(
    '#recent #sorted #ring #scratch',
    'as wide as a window may be, 5,000 points; ledger history.readings',
  ),
  'lake/history-folders.ts': { '#files': 'names of the files of the hours that one reading asks for' },
  'lake/history-merge.ts': { NOTHING: CODE, ...each('#until time value', line('history.readings')) },
  'lake/history-rows.ts': each('#time #price price', line('history.readings')),
  'lake/history-series.ts': { 'emptyPoints()': line('history.readings') },
  'lake/history-tail.ts': { numbers: CALL },
  'lake/history-thin.ts': { '#recent': 'two points' },
  'lake/journal-writer.ts': {
    '#steps': 'the few steps of the disk that are under way',
    '#files': 'segments that are not synced yet; each has frames in the pool',
  },
  'lake/json-frame.ts': each('jsonFrame() bytes', CALL),
  'lake/keeper-troubles.ts': { '#troubles': CODE },
  'lake/keeper.ts': { '#outlines': line('lake.segments-known'), known: CALL },
  'lake/last-life.ts': each('venues seen told', CALL),
  'lake/layout.ts': each('shown pieces', CALL),
  'lake/lock.ts': { 'pause()': CODE },
  'lake/loss-counter.ts': each(
    '#greatest #came #told #owed #lost #lastTime #from #to #lapped #changedAt #since',
    CODE,
  ),
  'lake/open-gaps.ts': { ofInstruments: CALL },
  'lake/piece-ranges.ts': each(
    '#ranges #places',
    '4,096 names each; the one that was asked for longest ago goes',
  ),
  'lake/publish.ts': { 'nameStaged()': CALL },
  'lake/quote-chunk.ts': each('halves readQuotes()', 'a view of what the engine holds'),
  'lake/recorder.ts': {
    '#recorded': CODE,
    '#opportunities': line('lake.opportunities'),
    ...each('#instruments #unnamed', line('lake.instruments')),
  },
  'lake/retention.ts': { hours: CALL },
  'lake/ring-intake.ts': { rows: line('lake.row-batches') },
  'lake/row-batch.ts': { times: CODE, '#columns': line('lake.row-batches') },
  'lake/row-intake.ts': { ...each('#lastEpoch #unseen emptyAt', CODE), '#venueOf': line('lake.instruments') },
  'lake/row-pool.ts': {
    ...each('#memory #order values', line('lake.conversion-pool')),
    '#starts': 'a word for each symbol of one segment',
  },
  'lake/segment-scan.ts': each('quotes trades', CALL),
  'lake/segment.ts': {
    '#buffer': 'as large as the largest frame, which has a limit',
    ...each('block found', CALL),
  },
  'lake/state.ts': { venues: CALL },
  'lake/gap-query.ts': each(
    'found symbols',
    'rows that wait for Parquet, 100,000 at most; ledger history.readings',
  ),
  'lake/trade-query.ts': each(
    '#bought #sold #trades',
    'as many as the spans that are asked for, 2,000 at most',
  ),
  'gateway/past-proxy.ts': { '#open': line('gateway.past-streams') },
  'gateway/trades-route.ts': { venues: CALL },
  'gateway/addresses.ts': { '#peers': line('gateway.addresses') },
  'gateway/access.ts': { '#names': CONFIG },
  'gateway/client.ts': each('topics #owed', line('gateway.subscriptions')),
  'gateway/frame.ts': { frame: line('gateway.outboxes') },
  'gateway/token.ts': { '#tickets': line('gateway.tickets') },
  'gateway/hub.ts': {
    ...each('#clients #connections', line('gateway.clients')),
    '#closed': CODE,
  },
  'gateway/stream-pool.ts': { '#byKey': line('gateway.streams') },
  'app/opportunity-thresholds.ts': each('#bySymbol #byRoute', CONFIG),
  'app/catalogues.ts': { '#saidAt': CONFIG },
  'app/feed-host.ts': { '#instruments': line('app.instruments') },
  'app/history-inbox.ts': { '#batches': line('history.readings') },
  'app/history-reader.ts': { '#inboxes': line('history.readings') },
  'app/history-questions.ts': { '#waiting': line('history.readings') },
  'app/alert-rules.ts': each('venues name undefined', CONFIG),
  'app/alert-venue-watch.ts': { '#standings': CONFIG },
  'app/alerts.ts': { senders: CODE, '#deliveries': CODE, '#recent': line('alerts.recent') },
  'app/config-rules.ts': { names: CONFIG },
  'app/delivery.ts': { '#waiting': line('alerts.webhook') },
  'app/identity-decisions.ts': { '#byPair': line('identity.decisions'), next: CALL },
  'lake/fees.ts': { NONE: CODE, ...each('counts fees', CALL) },
  'lake/mid-changes.ts': each('readLeg() #time #mid mid', line('history.readings')),
  'app/multipliers.ts': { listed: CALL },
  'app/opportunity-source.ts': each('known groups also', CALL),
  'app/history-worker.ts': { readings: line('history.readings') },
  'app/config-print.ts': { secrets: CODE },
  'app/window-series.ts': { NO_EDGES: CODE },
  'app/lake-host.ts': {
    PASSING: CODE,
    '#instruments': line('lake.instruments'),
    '#fees': line('lake.instruments'),
    'listed()': CALL,
    '#timers': CODE,
    '#deaths': CODE,
    '#dead': CODE,
  },
  'app/limited-log.ts': { '#kinds': line('log.kinds'), '#others': CODE },
  'app/malformed-runs.ts': { '#venues': CONFIG },
  'app/metrics-text.ts': { '#lines': CALL },
  'app/pipeline.ts': { '#ringPeaks': CONFIG, columns: CODE },
  'app/memory-line.ts': each('#time #rss', line('app.memory-line')),
  'app/sparklines.ts': { '#cache': line('app.sparklines'), '#line()': CODE },
  'app/time-machine.ts': { '#pasts': line('past.processes') },
  'app/pressure.ts': { '#heap': 'three readings' },
  'app/replay-output.ts': { '#files': CODE },
  'app/recorder-worker.ts': {
    early:
      '256 messages, beside lists of instruments, one death a feed, and when all ends what the outbox holds',
    timers: CODE,
  },
  'app/turns.ts': { '#waiting': line('history.readings') },
  'app/venue-board.ts': { '#entries': CONFIG },
};

/** Files of these folders that only commands run, in a process of their own beside the data path. */
export const COMMANDS = [
  ...['lake/check.ts', 'lake/check-findings.ts', 'lake/check-folder.ts'],
  ...['lake/stat.ts', 'lake/query-gate.ts', 'lake/query-sandbox.ts', 'lake/lake-snapshot.ts'],
  ...['app/config-tree.ts', 'app/config.ts', 'app/decode.ts', 'app/frame-lines.ts'],
  ...['app/history-export.ts', 'app/query.ts', 'app/replay.ts', 'app/replay-rows.ts', 'lake/recording.ts'],
  ...['lake/tail-parquet.ts', 'lake/renewed-files.ts'],
];
