import Type, { type Static, type TSchema } from 'typebox';
import { VENUE_IDS, type VenueId } from '../core/venue-ids.ts';
import { ALERT_RULE } from './alert-schema.ts';

/**
 * The one tree of the configuration. Each entry has its default and its description; checks, flags, `spreadscope config` and
 * docs/CONFIG.md all come from here.
 */

const MAX_SYMBOLS_LISTED = 10_000;

/** What is `secret` is never printed. */
function orNull<T extends TSchema>(schema: T, description: string, more: { readonly secret?: true } = {}) {
  return Type.Union([schema, Type.Null()], { default: null, description, ...more });
}

const currency = Type.String({ pattern: '^[A-Z0-9]{2,12}$', title: 'a currency in capitals such as USDT' });
const currencies = Type.Array(currency, { minItems: 1, maxItems: 32 });
const symbol = Type.String({
  pattern: '^[^\\s,:/]{1,64}$',
  title: 'a symbol such as BTC-USDT or a coin such as BTC',
});
const symbols = Type.Array(symbol, { maxItems: MAX_SYMBOLS_LISTED });
const SIZE = '^[0-9]{1,6}(\\.[0-9]{1,3})? ?(MB|GB|MiB|GiB)$';
/** Visible ASCII, which a header can carry. */
const TOKEN = '^[\\x21-\\x7e]{16,256}$';
/** A symbol or a route, the opening threshold, and after a stroke the closing one. */
const OVERRIDE =
  '^[^\\s,:/=]{1,64}(:[a-z]{1,16}:[a-z]{1,16})?=-?[0-9]{1,7}(\\.[0-9]{1,4})?(/-?[0-9]{1,7}(\\.[0-9]{1,4})?)?$';
/** A venue's symbol, the coin's symbol, and how many coins one unit is. */
const MULTIPLIER =
  '^[a-z]{1,16}:[^\\s,:/=*]{1,64}=[^\\s,:/=*]{1,60}-[A-Z0-9]{2,12}\\*[0-9]{1,12}(\\.[0-9]{1,12})?$';
const usd = Type.Number({ minimum: 0, maximum: 1e15 });

/** A figure of a rule. */
function rule(minimum: number, maximum: number, fallback: number, description: string) {
  return Type.Number({ minimum, maximum, default: fallback, description });
}

const VENUE = Type.Object(
  {
    enabled: Type.Boolean({ default: true, description: 'whether to connect to this venue' }),
    takerFee: orNull(
      Type.Number({ minimum: 0, maximum: 0.05 }),
      "your taker fee as a fraction (0.001 = 0.10 %); null = the pair's or the venue's own",
    ),
    rest: orNull(
      Type.String({ pattern: '^https?://[^\\s?#]+$', title: 'an http:// or https:// URL' }),
      'another base URL for REST; null = production',
    ),
    ws: orNull(
      Type.String({ pattern: '^wss?://[^\\s?#]+$', title: 'a ws:// or wss:// URL' }),
      'another base URL for WebSocket; null = production',
    ),
    quotes: orNull(currencies, 'as `quotes` above, for this venue alone; null = as above'),
    minUsdVolume: orNull(usd, 'as `minUsdVolume` above, for this venue alone; null = as above'),
    maxUsdVolume: orNull(usd, 'as `maxUsdVolume` above, for this venue alone; null = as above'),
    include: orNull(symbols, 'as `include` above, for this venue alone; null = as above'),
    exclude: orNull(symbols, 'as `exclude` above, for this venue alone; null = as above'),
  },
  { description: 'one venue' },
);

const VENUES = Type.Object(
  Object.fromEntries(VENUE_IDS.map((id) => [id, VENUE])) as Record<VenueId, typeof VENUE>,
  { description: 'what differs from venue to venue' },
);

export const CONFIG_SCHEMA = Type.Object({
  server: Type.Object(
    {
      host: Type.String({
        minLength: 1,
        maxLength: 255,
        title: 'an address of this machine such as 127.0.0.1',
        default: '127.0.0.1',
        description: 'the address to listen on; other than loopback is allowed only with a token',
      }),
      port: Type.Integer({
        minimum: 0,
        maximum: 65535,
        default: 8080,
        description: 'the port of the page and the API; 0 = any free one',
      }),
      names: Type.Array(
        Type.String({ pattern: '^[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$', title: 'a host name' }),
        {
          maxItems: 32,
          default: [],
          description: 'further names that the server is reached under, for instance behind a proxy',
        },
      ),
      token: orNull(
        Type.String({ pattern: TOKEN, title: 'a secret of 16 to 256 visible characters' }),
        'the secret that every client must send; better in SPREADSCOPE_TOKEN or a file, where fewer see it; null = no token',
        { secret: true },
      ),
      tokenFile: orNull(
        Type.String({ minLength: 1, maxLength: 4096, title: 'a file' }),
        'a file with the token on its first line; null = none',
      ),
    },
    { description: 'the HTTP and WebSocket server' },
  ),
  quotes: Type.Array(currency, {
    minItems: 1,
    maxItems: 32,
    default: ['USDT'],
    description: 'markets that are priced in one of these currencies are watched',
  }),
  minUsdVolume: Type.Number({
    minimum: 0,
    maximum: 1e15,
    default: 0,
    description: 'markets that traded less than this in 24 h, in USD, are left out',
  }),
  maxUsdVolume: orNull(
    usd,
    'markets that traded more than this in 24 h, in USD, are left out; null = no limit',
  ),
  include: Type.Array(symbol, {
    maxItems: MAX_SYMBOLS_LISTED,
    default: [],
    description: 'if not empty, only these symbols (BTC-USDT) or coins (BTC) are watched',
  }),
  exclude: Type.Array(symbol, {
    maxItems: MAX_SYMBOLS_LISTED,
    default: [],
    description: 'symbols (BTC-USDT) or coins (BTC) that are left out',
  }),
  symbolsPerVenue: Type.Integer({
    minimum: 1,
    maximum: 10_000,
    default: 1000,
    description: 'the most markets per venue, those with the most volume first',
  }),
  maxQuoteAgeMs: Type.Integer({
    minimum: 1000,
    maximum: 3_600_000,
    default: 60_000,
    description: 'a quote older than this is not valid any more',
  }),
  feed: Type.Object(
    {
      workers: Type.Integer({
        minimum: 1,
        maximum: VENUE_IDS.length,
        default: 1,
        description: 'threads that read the venues; the venues are dealt over them',
      }),
      transport: Type.Enum(['raw', 'ws'], {
        default: 'raw',
        description: 'who reads WebSocket frames: our own reader (raw) or the library ws (slower)',
      }),
      trades: Type.Boolean({ default: true, description: 'whether to subscribe to trades as well' }),
    },
    { description: 'the connections to the venues' },
  ),
  rings: Type.Object(
    {
      quotes: Type.Integer({
        minimum: 1024,
        maximum: 2 ** 24,
        title: 'a power of two from 1024 to 16777216',
        default: 131_072,
        description: 'rows of the quote ring of each feed worker; a power of two',
      }),
      trades: Type.Integer({
        minimum: 1024,
        maximum: 2 ** 24,
        title: 'a power of two from 1024 to 16777216',
        default: 32_768,
        description: 'rows of the trade ring of each feed worker; a power of two',
      }),
    },
    { description: 'the rings between threads' },
  ),
  past: Type.Object(
    {
      processes: Type.Integer({
        minimum: 0,
        maximum: 8,
        default: 1,
        description:
          'how many recorded moments the page may show at once, each in a process of its own beside the memory budget (300 to 900 MB while it is looked at); 0 = none',
      }),
    },
    { additionalProperties: false, default: {}, description: 'the time machine of the page' },
  ),
  limits: Type.Object(
    {
      instruments: Type.Integer({
        minimum: 64,
        maximum: 262_144,
        default: 16_384,
        description: 'the most instruments (one symbol on one venue) there may ever be in one run',
      }),
      clients: Type.Integer({
        minimum: 1,
        maximum: 10_000,
        default: 128,
        description: 'the most stream clients at once',
      }),
      connectionsPerAddress: Type.Integer({
        minimum: 1,
        maximum: 10_000,
        default: 20,
        description: 'the most connections from one address, this machine excepted',
      }),
      pairs: Type.Integer({
        minimum: 28,
        maximum: 1_000_000,
        default: 28_672,
        description:
          'the most pairs of venues with the same symbol of which opportunities and statistics are kept; 28 for each symbol that all eight list',
      }),
      openOpportunities: Type.Integer({
        minimum: 16,
        maximum: 1_000_000,
        default: 4096,
        description: 'the most opportunities that may be open at once; those beyond are counted and left out',
      }),
      upgradesPerSecond: Type.Integer({
        minimum: 1,
        maximum: 10_000,
        default: 10,
        description: 'the most streams that one address may open in a second, this machine excepted',
      }),
    },
    { description: 'how large tables are made' },
  ),
  stream: Type.Object(
    {
      updatesPerSecond: Type.Integer({
        minimum: 1,
        maximum: 20,
        default: 10,
        description: 'the most updates of one topic that a client is sent in a second',
      }),
      outboxBytes: Type.Integer({
        minimum: 16_384,
        maximum: 16_777_216,
        default: 131_072,
        description: 'bytes that may be under way to one client before updates are skipped for it',
      }),
    },
    { description: 'the stream to browsers and programs' },
  ),
  lake: Type.Object(
    {
      enabled: Type.Boolean({ default: true, description: 'whether to record every tick' }),
      folder: Type.String({
        minLength: 1,
        maxLength: 4096,
        title: 'a folder',
        default: 'lake',
        description: 'the folder of the recording',
      }),
      keepDays: orNull(
        Type.Number({ minimum: 0.01, maximum: 36_500 }),
        'hours that are older than so many days are removed; null = they are kept for ever',
      ),
      maxBytes: orNull(
        Type.String({ pattern: SIZE, title: 'a size such as 500MB or 200GB' }),
        'the oldest hours are removed when the whole recording is larger; null = as large as the disk',
      ),
      partSeconds: Type.Integer({
        minimum: 1,
        maximum: 3600,
        default: 60,
        description: 'how long rows may wait in the journal before they are put into Parquet',
      }),
      buffer: Type.String({
        pattern: SIZE,
        title: 'a size such as 32MB, from 4MB to 128MB',
        default: '32MB',
        description: 'memory for rows that wait for a disk that does not keep up',
      }),
      syncMs: Type.Integer({
        minimum: 10,
        maximum: 1000,
        default: 250,
        description: 'how often what was recorded is made durable: what a power cut may cost',
      }),
    },
    { description: 'the recording' },
  ),
  window: Type.Object(
    {
      span: Type.Integer({
        minimum: 60,
        maximum: 86_400,
        default: 3600,
        description: 'seconds that the windows go back; less where `window.bytes` does not hold so much',
      }),
      resolution: Type.Integer({
        minimum: 100,
        maximum: 60_000,
        default: 1000,
        description: 'a window keeps at most one quote of an instrument in so many ms',
      }),
      bytes: Type.String({
        pattern: SIZE,
        title: 'a size such as 20MB or 1GB',
        default: '20MB',
        description:
          'memory for all windows; a quote takes some 8 bytes, so 20MB are about 4 minutes of 8,000 instruments that all speak every second, and an hour of them takes 300MB',
      }),
    },
    { description: 'the recent past of every instrument, in memory' },
  ),
  opportunities: Type.Object(
    {
      openNetBps: Type.Number({
        minimum: -10_000,
        maximum: 1_000_000,
        default: 10,
        description: 'net spread from which on a route is an opportunity, basis points',
      }),
      closeNetBps: orNull(
        Type.Number({ minimum: -10_000, maximum: 1_000_000 }),
        'net spread below which it ends, basis points; null = half of `openNetBps`',
      ),
      overrides: Type.Array(
        Type.String({
          pattern: OVERRIDE,
          title: 'thresholds such as BTC-USDT=25/10 or BTC-USDT:okx:binance=25',
        }),
        {
          maxItems: 1024,
          default: [],
          description:
            "thresholds of single symbols and routes, `WHAT=OPEN` or `WHAT=OPEN/CLOSE` in basis points; a route's come before its symbol's",
        },
      ),
    },
    { description: 'what counts as an opportunity' },
  ),
  statistics: Type.Object(
    {
      bandPercent: Type.Number({
        minimum: 50,
        maximum: 100,
        default: 97,
        description: 'percent of the upper band; the lower one is as far from the other end',
      }),
    },
    { description: 'the rolling statistics of every route' },
  ),
  verdict: Type.Object(
    {
      version: Type.String({
        pattern: '^[A-Za-z0-9._-]{1,32}$',
        title: 'a name of 1 to 32 letters, digits, dots and hyphens',
        default: '1',
        description: 'the name of this set of rules, told with each verdict',
      }),
      minSamples: rule(0, 3600, 1000, 'fewer seconds with both quotes valid are not enough data'),
      minMinutes: rule(0, 60, 10, 'nor are fewer minutes'),
      trendingBelow: rule(0, 60, 1, 'fewer crossings of the mean a minute: trending'),
      aboveOver: rule(0, 1, 0.5, 'a greater share of the time over the threshold: does not close'),
      weakPeakBelow: rule(-1, 10, 0.004, 'a lower mean peak, a fraction, is weak'),
      weakHighPeaksBelow: rule(0, 1, 0.1, 'if besides fewer of the peaks than this share are over 0.5 %'),
      excellentCrossings: rule(0, 60, 5, 'more crossings of the mean a minute,'),
      excellentPerHour: rule(0, 1e6, 100, 'more opportunities an hour,'),
      excellentPeak: rule(-1, 10, 0.005, 'a higher mean peak, a fraction,'),
      excellentHighPeaks: rule(0, 1, 0.2, 'and a greater share of peaks over 0.5 %, all four: excellent'),
    },
    { description: 'the rules by which a route is judged, in this order; what none decides is fair' },
  ),
  identity: Type.Object(
    {
      factor: rule(
        1.01,
        1000,
        1.5,
        'mid prices of one symbol that are further apart than this factor are suspect',
      ),
      sustainedSeconds: rule(1, 3600, 10, 'and quarantined when they stay so for so many seconds'),
      awayBasis: rule(
        0.001,
        10,
        0.02,
        'so are prices that stay at least so far apart on one side, a fraction,',
      ),
      awayMinutes: rule(1, 1440, 30, 'for so many minutes'),
      multipliers: Type.Array(
        Type.String({
          pattern: MULTIPLIER,
          title: 'a multiple of a coin such as gate:1000PEPE-USDT=PEPE-USDT*1000',
        }),
        {
          maxItems: 256,
          default: [],
          description:
            'instruments that are so many of a coin under another name, `VENUE:SYMBOL=SYMBOL*UNITS`: they are listed under the coin, with prices and sizes per coin',
        },
      ),
      file: Type.String({
        minLength: 1,
        maxLength: 4096,
        title: 'a file',
        default: 'identities.json',
        description:
          'where it is kept which pairs somebody approved or denied; it is made with the first one',
      }),
    },
    { description: 'whether two venues mean the same coin by the same ticker' },
  ),
  alerts: Type.Object(
    {
      rules: Type.Array(ALERT_RULE, {
        maxItems: 16,
        default: [],
        description:
          'what to be told of; each has a name and may have on (route, venue-down or venue-lagging), symbols, venues, minNetBps, minNotional, lastingMs, verdicts, lagMs, cooldown (seconds) and sinks (log, page, webhook, telegram)',
      }),
      venueCoins: Type.Integer({
        minimum: 2,
        maximum: 1000,
        default: 5,
        description: 'so many coins of one venue at once are one alert about the venue',
      }),
      venueCooldown: Type.Number({
        minimum: 0,
        maximum: 86_400,
        default: 60,
        description: 'seconds between two such alerts; routes of that venue raise none meanwhile',
      }),
      webhook: Type.Object(
        {
          url: orNull(
            Type.String({ pattern: '^https?://[^\\s]{1,2000}$', title: 'an https:// URL' }),
            'alerts are posted there as JSON; https only, and never to an address of a private network unless `allow` names it; null = nowhere',
            { secret: true },
          ),
          secret: orNull(
            Type.String({ pattern: TOKEN, title: '16 to 256 visible characters' }),
            'signs each post: X-Spreadscope-Signature is the HMAC-SHA256 of X-Spreadscope-Timestamp, a dot and the body, in hexadecimal; null = none',
            { secret: true },
          ),
          allow: Type.Array(
            Type.String({
              pattern: '^[0-9a-fA-F.:]{2,45}(/[0-9]{1,3})?$',
              title: 'an address or network such as 127.0.0.1 or 10.1.0.0/16',
            }),
            {
              maxItems: 16,
              default: [],
              description: 'private addresses that it may go to after all, also by http',
            },
          ),
        },
        { description: 'alerts by HTTP' },
      ),
      telegram: Type.Object(
        {
          token: orNull(
            Type.String({ pattern: '^[0-9]{1,20}:[A-Za-z0-9_-]{10,100}$', title: "a bot's token" }),
            'the token of the bot that writes; null = none does',
            { secret: true },
          ),
          chat: orNull(
            Type.String({ pattern: '^(@[A-Za-z0-9_]{1,64}|-?[0-9]{1,20})$', title: 'a chat id or @channel' }),
            'where it writes',
          ),
          api: Type.String({
            pattern: '^https?://[^\\s?#]+$',
            title: 'an https:// URL',
            default: 'https://api.telegram.org',
            description:
              'another server that speaks its API; a private address has to be in `alerts.webhook.allow`',
          }),
        },
        { description: 'alerts by Telegram' },
      ),
    },
    { description: 'when and how to be told' },
  ),
  memory: Type.Object(
    {
      budget: Type.String({
        pattern: SIZE,
        title: 'a size such as 512MB or 1.5GB, at least 128MB',
        default: '512MB',
        description: 'what the whole process may take; the declared bounds must fit into it',
      }),
    },
    { description: 'memory' },
  ),
  log: Type.Object(
    {
      level: Type.Enum(['info', 'warn', 'error'], {
        default: 'info',
        description: 'the least important lines that are still logged',
      }),
    },
    { description: 'the log on standard error' },
  ),
  via: orNull(
    Type.String({ pattern: '^https?://[^\\s?#]+$', title: 'an http:// or https:// URL' }),
    "sends every venue's REST and WebSocket to URL/<venue>, for instance to the simulator; null = production",
  ),
  venues: VENUES,
});

type Frozen<T> = T extends readonly (infer E)[]
  ? readonly Frozen<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T;

/** The whole configuration, checked and frozen. */
export type Config = Frozen<Static<typeof CONFIG_SCHEMA>>;
export type VenueConfig = Config['venues'][VenueId];
