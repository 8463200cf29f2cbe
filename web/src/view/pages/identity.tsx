import { useState } from 'preact/hooks';
import type { IdentityDecision } from '../../../../src/core/route-notes.ts';
import type { IdentityPair, IdentityReply } from '../../../../src/wire/api.ts';
import { postJson } from '../../api.ts';
import { dayAndTime } from '../../clock.ts';
import { count } from '../../format.ts';
import { pageHref } from '../../location.ts';
import { venueTitle } from '../../state.ts';
import { TableScroll } from '../table-scroll.tsx';
import { useFetched } from '../use-fetched.ts';

const EVERY_MS = 5_000;
const REASONS = {
  none: '',
  ratio: 'prices too far apart',
  'power-of-ten': 'prices a power of ten apart',
  'never-reverts': 'one side of the other for too long',
} as const;

/** Venues that may not mean the same coin by one ticker, and the reader's word on it. */
export function Identity() {
  const fetched = useFetched<IdentityReply>('identity', {}, EVERY_MS);
  const [decided, setDecided] = useState<IdentityReply | null>(null);
  const [trouble, setTrouble] = useState('');
  // What a decision answered is newer than what was read before it, and older than what is read after.
  const [of, setOf] = useState<IdentityReply | null>(null);
  const reply = decided !== null && of === fetched.data ? decided : fetched.data;
  const decide = (pair: IdentityPair, decision: IdentityDecision) => {
    setTrouble('');
    postJson<IdentityReply>('identity', { symbol: pair.symbol, venues: pair.venues, decision }).then(
      (answer) => {
        setDecided(answer);
        setOf(fetched.data);
      },
      (error: unknown) => setTrouble(error instanceof Error ? error.message : String(error)),
    );
  };
  const error = trouble === '' ? fetched.error : trouble;
  return (
    <section class="sheet-page" id="identities" aria-label="Identities">
      <header class="bar">
        <h2>
          {reply === null
            ? 'Identities'
            : `${count(reply.quarantined)} ${reply.quarantined === 1 ? 'pair' : 'pairs'} in quarantine`}
        </h2>
        <p class="shown">
          {reply !== null && (
            <>
              decisions are kept in <code>{reply.file}</code>
            </>
          )}
        </p>
      </header>
      {error !== '' && (
        <p class="trouble" role="alert">
          {error}
        </p>
      )}
      {reply !== null && reply.pairs.length === 0 && (
        <div class="empty">
          <h2>No pair is in doubt</h2>
          <p>
            Where two venues’ prices of one ticker are far apart, they may mean two coins: such pairs are
            listed here.
          </p>
        </div>
      )}
      {reply !== null && reply.pairs.length > 0 && <Pairs pairs={reply.pairs} decide={decide} />}
    </section>
  );
}

interface PairsProps {
  readonly pairs: readonly IdentityPair[];
  readonly decide: (pair: IdentityPair, decision: IdentityDecision) => void;
}

function Pairs({ pairs, decide }: PairsProps) {
  return (
    <TableScroll name="Pairs of venues">
      <table class="ledger">
        <thead>
          <tr>
            <th scope="col">Symbol</th>
            <th scope="col">Venues</th>
            <th scope="col">State</th>
            <th scope="col">Why</th>
            <th scope="col" class="num">
              Price ratio
            </th>
            <th scope="col" class="num">
              least … greatest
            </th>
            <th scope="col">Since</th>
            <th scope="col">The same coin?</th>
          </tr>
        </thead>
        <tbody>
          {pairs.map((pair) => (
            <tr
              key={`${pair.symbol} ${pair.venues.join()}`}
              data-pair={`${pair.symbol}:${pair.venues.join(':')}`}
            >
              <th scope="row">
                <a href={pageHref('matrix', pair.symbol)}>{pair.symbol}</a>
              </th>
              <td>{pair.venues.map(venueTitle).join(' · ')}</td>
              <td class={`identity-state ${pair.state}`}>{pair.state}</td>
              <td class="dim">{REASONS[pair.reason]}</td>
              <td class="num">{ratio(pair.ratio)}</td>
              <td class="num">
                {ratio(pair.minRatio)} … {ratio(pair.maxRatio)}
              </td>
              <td>{pair.since === null ? '–' : dayAndTime(pair.since / 1e6)}</td>
              <td class="decide">
                <Decision pair={pair} decide={decide} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function Decision({ pair, decide }: { pair: IdentityPair; decide: PairsProps['decide'] }) {
  const of = `${pair.symbol} on ${pair.venues.join(' and ')}`;
  return (
    <>
      <button
        type="button"
        aria-pressed={pair.state === 'approved'}
        aria-label={`Approve ${of}`}
        onClick={() => decide(pair, 'approved')}
      >
        Approve
      </button>
      <button
        type="button"
        aria-pressed={pair.state === 'denied'}
        aria-label={`Deny ${of}`}
        onClick={() => decide(pair, 'denied')}
      >
        Deny
      </button>
      {pair.decidedTime !== null && (
        <button type="button" aria-label={`Withdraw ${of}`} onClick={() => decide(pair, 'withdrawn')}>
          Withdraw
        </button>
      )}
    </>
  );
}

function ratio(value: number | null): string {
  return value === null ? '–' : value.toPrecision(5);
}
