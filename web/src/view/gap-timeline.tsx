import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { GapsReply, VenueGap, VenueRow } from '../../../src/wire/api.ts';
import { dayAndTime, timeOfDay } from '../clock.ts';
import { count, duration, shortTime } from '../format.ts';
import { gapAt, type Lane, lanesOf, REASON_WORDS, shareOf, ticksOf, weightOf } from '../gap-lanes.ts';
import { zone } from '../settings.ts';
import { venueTitle } from '../state.ts';
import { GapList } from './gap-list.tsx';
import { useFetched } from './use-fetched.ts';

const EVERY_MS = 30_000;
const SPANS = ['1h', '6h', '24h', '7d'] as const;
const span = signal<(typeof SPANS)[number]>('24h');
const MOST_TICKS = 9;
/** How near the pointer must come, of the lane's width. */
const REACH = 0.006;
/** The lane's own units; it is drawn as wide as there is room. */
const WIDTH = 1000;
const THIN = 2;
const KINDS = { line: 'the venue or the way to it', ours: 'ours', away: 'nobody looked' } as const;

interface Pointed {
  readonly gap: VenueGap;
  /** Share of the lane's width. */
  readonly at: number;
}

/** When each venue was not seen, a lane each, and why. */
export function GapTimeline({ rows }: { rows: readonly VenueRow[] }) {
  const { data, error } = useFetched<GapsReply>('gaps', { from: `-${span.value}`, limit: 2000 }, EVERY_MS);
  return (
    <section class="gaps" id="gaps" aria-label="Gaps">
      <header class="bar">
        <h2>Gaps</h2>
        <fieldset class="spans">
          <legend class="unseen">Time on show</legend>
          {SPANS.map((name) => (
            <button
              type="button"
              key={name}
              data-gap-span={name}
              aria-pressed={span.value === name}
              onClick={() => {
                span.value = name;
              }}
            >
              {name}
            </button>
          ))}
        </fieldset>
        <Legend />
        {data !== null && (
          <p class="shown">
            {count(data.gaps.length)}
            {data.more ? ' latest' : ''} {data.gaps.length === 1 ? 'gap' : 'gaps'}
          </p>
        )}
      </header>
      {error !== '' && <p class="trouble">{error}</p>}
      {data === null && error === '' && <p class="wait">Reading the recording …</p>}
      {data !== null && (
        <>
          <div class="lanes">
            {lanesOf(data, rows).map((lane) => (
              <LaneLine key={lane.venue} lane={lane} reply={data} />
            ))}
            <Axis reply={data} />
          </div>
          <GapList gaps={data.gaps} />
        </>
      )}
    </section>
  );
}

function Legend() {
  return (
    <ul class="gap-legend">
      {Object.entries(KINDS).map(([kind, words]) => (
        <li key={kind} class={kind}>
          {words}
        </li>
      ))}
    </ul>
  );
}

function LaneLine({ lane, reply }: { lane: Lane; reply: GapsReply }) {
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const point = (event: PointerEvent) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const at = (event.clientX - box.left) / Math.max(1, box.width);
    const gap = gapAt(reply, lane, at, REACH);
    setPointed(gap === null ? null : { gap, at });
  };
  const title = venueTitle(lane.venue);
  const blind = lane.blindUs === 0 ? 'always seen' : `not seen for ${shortTime(lane.blindUs / 1000)}`;
  return (
    <>
      <b class="lane-name">{title}</b>
      <div
        class="lane"
        data-lane={lane.venue}
        onPointerMove={point}
        onPointerDown={point}
        onPointerLeave={() => setPointed(null)}
      >
        <svg
          viewBox={`0 0 ${WIDTH} 22`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${title}: ${blind}`}
        >
          <rect class="room" width={WIDTH} height="22" />
          <rect class="unrecorded" width={lane.recordedFrom * WIDTH} height="22" />
          {lane.gaps.map((gap) => (
            <Gap
              key={`${gap.reason}${gap.from}`}
              gap={gap}
              reply={reply}
              weight={weightOf(gap, lane.instruments)}
              lit={gap === pointed?.gap}
            />
          ))}
        </svg>
        {pointed !== null && <Tip pointed={pointed} instruments={lane.instruments} />}
      </div>
      <span class={lane.blindUs > 0 ? 'lane-sum some' : 'lane-sum'}>
        {lane.gaps.length === 0 ? 'none' : `${count(lane.gaps.length)} · ${shortTime(lane.blindUs / 1000)}`}
      </span>
    </>
  );
}

interface GapProps {
  readonly gap: VenueGap;
  readonly reply: GapsReply;
  readonly weight: number;
  readonly lit: boolean;
}

/** As high as the part of the venue that was not seen. */
function Gap({ gap, reply, weight, lit }: GapProps) {
  const from = shareOf(reply, gap.from) * WIDTH;
  const width = shareOf(reply, gap.to) * WIDTH - from;
  const height = 4 + 16 * weight;
  // A short one would else be too thin to be seen.
  const thin = width < THIN ? ' thin' : '';
  return (
    <rect
      class={`gap ${REASON_WORDS[gap.reason].kind}${thin}${lit ? ' lit' : ''}`}
      x={from}
      width={Math.max(0.01, width)}
      y={21 - height}
      height={height}
    />
  );
}

function Tip({ pointed: { gap, at }, instruments }: { pointed: Pointed; instruments: number }) {
  const { reason, symbols, rowsLost, open } = gap;
  return (
    <dl class={at > 0.5 ? 'gap-tip left' : 'gap-tip'} style={{ '--at': `${at * 100}%` }}>
      <dt class={REASON_WORDS[reason].kind}>{REASON_WORDS[reason].name}</dt>
      <dd>
        {symbols === null
          ? 'the whole venue'
          : `${count(symbols)} of ${count(Math.max(symbols, instruments))} symbols`}
      </dd>
      <dt>from</dt>
      <dd>{dayAndTime(gap.from / 1e6)}</dd>
      <dt>to</dt>
      <dd>{open ? 'now, still open' : dayAndTime(gap.to / 1e6)}</dd>
      <dt>for</dt>
      <dd>{lasted(gap)}</dd>
      <dt>rows lost</dt>
      <dd>{rowsLost === null ? 'not known' : count(rowsLost)}</dd>
    </dl>
  );
}

export function lasted({ from, to }: VenueGap): string {
  const ms = (to - from) / 1000;
  return ms < 60_000 ? shortTime(ms) : duration(ms);
}

function Axis({ reply }: { reply: GapsReply }) {
  const utc = zone.value === 'UTC';
  const offsetUs = utc ? 0 : -new Date(reply.to / 1000).getTimezoneOffset() * 60e6;
  const long = reply.to - reply.from > 86_400e6;
  return (
    <div class="lane-axis" aria-hidden="true">
      {ticksOf(reply, MOST_TICKS, offsetUs).map((at) => (
        <span key={at} style={{ left: `${shareOf(reply, at) * 100}%` }}>
          {long ? dayAndTime(at / 1e6).slice(0, 5) : timeOfDay(at / 1e6).slice(0, 5)}
        </span>
      ))}
    </div>
  );
}
