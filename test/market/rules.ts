import { defaultConfig } from '../../src/app/config.ts';
import type { AnalysisOptions } from '../../src/market/analysis.ts';

const { verdict, statistics } = defaultConfig();

/** What a market makes of spreads, with nothing in quarantine; everything else as the configuration has it when it says nothing. */
export const FREE: Pick<AnalysisOptions, 'verdict' | 'statistics' | 'identity'> = {
  verdict,
  statistics,
  identity: { factor: 1e9, sustainedSeconds: 10, awayBasis: 1e9, awaySeconds: 1800 },
};
