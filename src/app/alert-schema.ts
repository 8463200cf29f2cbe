import Type from 'typebox';
import { ALERT_SINKS } from '../core/alert.ts';
import { VERDICTS } from '../core/route-notes.ts';
import { VENUE_IDS } from '../core/venue-ids.ts';

/** What a rule can be about. Several coins of one venue at once become one alert about the venue by themselves. */
export const ALERT_RULE_SUBJECTS = ['route', 'venue-down', 'venue-lagging'] as const;

const optional = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) => Type.Optional(schema);

/** One entry of `alerts.rules`. */
export const ALERT_RULE = Type.Object(
  {
    name: Type.String({ pattern: '^[A-Za-z0-9._-]{1,32}$' }),
    /** Default route. */
    on: optional(Type.Enum([...ALERT_RULE_SUBJECTS])),
    /** Symbols, or coins against every quote; default all. */
    symbols: optional(
      Type.Array(Type.String({ pattern: '^[^\\s,:/]{1,64}$' }), { minItems: 1, maxItems: 1000 }),
    ),
    /** Of a route both legs; default all. */
    venues: optional(Type.Array(Type.Enum([...VENUE_IDS]), { minItems: 1, maxItems: 8 })),
    /** Default: whatever is an opportunity. */
    minNetBps: optional(Type.Number({ minimum: -10_000, maximum: 1_000_000 })),
    /** Quote units; default 0. */
    minNotional: optional(Type.Number({ minimum: 0, maximum: 1e15 })),
    /** Default 0 of a route, 10,000 of a venue. */
    lastingMs: optional(Type.Integer({ minimum: 0, maximum: 86_400_000 })),
    /** Default all. */
    verdicts: optional(Type.Array(Type.Enum([...VERDICTS]), { minItems: 1, maxItems: VERDICTS.length })),
    /** Of `venue-lagging`: p99 from which on it lags; default 1,000. */
    lagMs: optional(Type.Integer({ minimum: 1, maximum: 3_600_000 })),
    /** Seconds; default 60 of a route, 300 of a venue. */
    cooldown: optional(Type.Number({ minimum: 0, maximum: 86_400 })),
    /** Default every one that is set up. */
    sinks: optional(Type.Array(Type.Enum([...ALERT_SINKS]), { minItems: 1, maxItems: ALERT_SINKS.length })),
  },
  {
    additionalProperties: false,
    title: 'a rule such as { name: wide, minNetBps: 30, minNotional: 500, lastingMs: 500, cooldown: 60 }',
  },
);
