/** What runs inside the measured pages, as text: it is installed before the page's own scripts and touches nothing of them. */

/** Frames of each whole second by requestAnimationFrame and long tasks, while nobody says `meter.pause`. */
export interface MeterReading {
  /** Frames of each second that was neither the first nor paused. */
  readonly frames: readonly number[];
  /** Ms of each task over 50 ms, the longest first, 100 at most. */
  readonly long: readonly number[];
  readonly hidden: boolean;
}

const MOST_SECONDS = 7_200;
const MOST_TASKS = 10_000;

export const METER = `
const meter = {
  frames: [], long: [], paused: false,
  begin() {
    this.frames = []; this.long = [];
    let second = -1, count = 0, clean = false;
    const tick = (now) => {
      const at = Math.floor(now / 1000);
      if (at !== second) {
        // A second without any frame is one of nought frames.
        if (clean) { this.frames.push(count); for (let i = second + 1; i < at; i++) this.frames.push(0); }
        if (this.frames.length > ${MOST_SECONDS}) this.frames.length = ${MOST_SECONDS};
        clean = second >= 0 && !this.paused;
        second = at; count = 0;
      }
      if (this.paused) clean = false;
      count += 1;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  },
  read() {
    return { frames: this.frames, long: this.long.toSorted((a, b) => b - a).slice(0, 100), hidden: document.hidden };
  },
};
window.meter = meter;
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries())
    if (!meter.paused && meter.long.length < ${MOST_TASKS}) meter.long.push(duration);
}).observe({ type: 'longtask' });
`;

/** When the first line with figures stood in the document, ms since the navigation began. */
export const FIRST_LINE = `
new MutationObserver((_, watch) => {
  if (document.querySelector('tr[data-route] td.net') === null) return;
  window.liveAt = performance.now();
  watch.disconnect();
}).observe(document, { childList: true, subtree: true });
`;

/** Tells when a canvas was drawn for the first time after a history that begins \`from\` was read; ms since \`armed\`, which is the press. */
export const DRAWN = `
window.drawn = null;
let armed = null, answered = false;
addEventListener('pointerdown', () => { armed = performance.now(); answered = false; window.drawn = null; }, true);
const parse = Response.prototype.json;
Response.prototype.json = async function () {
  const data = await parse.call(this);
  if (this.ok && this.url.includes('/history?') && this.url.includes('from=-86400s')) {
    answered = true;
    window.dayRead = { points: data.time.length, from: data.time[0], to: data.time.at(-1) };
  }
  return data;
};
const stroke = CanvasRenderingContext2D.prototype.stroke;
CanvasRenderingContext2D.prototype.stroke = function (...args) {
  if (answered && armed !== null) {
    const from = armed;
    armed = null;
    // The next frame has it on the glass.
    requestAnimationFrame(() => { window.drawn = performance.now() - from; });
  }
  return stroke.apply(this, args);
};
`;
