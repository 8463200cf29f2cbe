import { useEffect, useState } from 'preact/hooks';
import type { SurvivalReply, SurvivalRow } from '../../../src/wire/api.ts';
import { ask } from '../api.ts';
import { count, lasting } from '../format.ts';
import { Meter } from './meter.tsx';

/** What was left of the route's edges of the last day, delay by delay; nothing where none is known. */
export function Survival({ id }: { id: string }) {
  const [found, setFound] = useState<{
    readonly row: SurvivalRow;
    readonly delays: readonly number[];
  } | null>(null);
  useEffect(() => {
    let gone = false;
    setFound(null);
    const query = new URLSearchParams({ route: id, from: '-24h', by: 'all', identity: 'all' });
    ask<SurvivalReply>(`survival?${query}`).then(
      ({ groups: [row], delaysMs }) => {
        if (!gone && row !== undefined) setFound({ row, delays: delaysMs });
      },
      // Without an answer there is nothing to show.
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [id]);
  if (found === null) return null;
  const { row, delays } = found;
  const half = row.halfLifeMs === null ? '' : `, half of the edge gone after ${lasting(row.halfLifeMs)}`;
  return (
    <section class="survival" id="survival" aria-label="Survival of edges">
      <h3>
        Still over the threshold <small>{`${count(row.opportunities)} opportunities of 24 h${half}`}</small>
      </h3>
      <dl>
        {delays.map((delay, i) => (
          <div key={delay}>
            <dt>{lasting(delay)}</dt>
            <dd>
              <Meter value={row.overThreshold[i] ?? 0} />
              <span>{`${((row.overThreshold[i] ?? 0) * 100).toFixed(0)} %`}</span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
