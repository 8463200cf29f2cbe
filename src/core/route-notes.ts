/** What a route's statistics say of it, by the rules of the configuration. */
export const VERDICTS = [
  'not-enough-data',
  'trending',
  'does-not-close',
  'weak',
  'fair',
  'excellent',
] as const;
export type VerdictName = (typeof VERDICTS)[number];

/**
 * Whether two venues mean the same coin by the same ticker: `suspect` = their prices are far apart, not yet for long; `quarantined` = for long; `approved` and `denied` are somebody's
 * word.
 */
export const IDENTITY_STATES = ['ok', 'suspect', 'quarantined', 'approved', 'denied'] as const;
export type IdentityState = (typeof IDENTITY_STATES)[number];
/** What somebody may say of it; `withdrawn` takes the word back. */
export const IDENTITY_DECISIONS = ['approved', 'denied', 'withdrawn'] as const;
export type IdentityDecision = (typeof IDENTITY_DECISIONS)[number];
export const IDENTITY_REASONS = ['none', 'ratio', 'power-of-ten', 'never-reverts'] as const;
export type IdentityReason = (typeof IDENTITY_REASONS)[number];
