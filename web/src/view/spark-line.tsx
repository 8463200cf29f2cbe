import { signedBps } from '../format.ts';
import { type Spark, sparkOf } from '../sparklines.ts';

const [WIDTH, HEIGHT] = [118, 20];
/** Less than this is not blown up to noise, bps. */
const LEAST = 4;

interface Drawn {
  readonly line: string;
  /** Where nothing is won or lost; null = not in sight. */
  readonly zero: number | null;
  readonly words: string;
}

/** Lines do not change once they were read: each is drawn once. */
const drawn = new WeakMap<Spark, Drawn>();

/** The route's net spread over the last hour, and the present one at its end. */
export function SparkLine({ id }: { id: string }) {
  const spark = sparkOf(id);
  if (spark === null) return null;
  let picture = drawn.get(spark);
  if (picture === undefined) {
    picture = draw(spark);
    drawn.set(spark, picture);
  }
  const { line, zero, words } = picture;
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img">
      <title>{words}</title>
      {zero !== null && <line x1="0" x2={WIDTH} y1={zero} y2={zero} />}
      <path d={line} />
    </svg>
  );
}

function draw(spark: Spark): Drawn {
  const known = spark.filter((net) => net !== null);
  if (known.length === 0) return { line: '', zero: null, words: 'Nothing is known of the last hour' };
  const [min, max] = [Math.min(...known), Math.max(...known)];
  const air = Math.max(0, LEAST - (max - min)) / 2;
  const [low, high] = [min - air, max + air];
  const x = (index: number) => Math.round((index / Math.max(1, spark.length - 1)) * WIDTH * 10) / 10;
  const y = (net: number) => Math.round((1.5 + (1 - (net - low) / (high - low)) * (HEIGHT - 3)) * 10) / 10;
  let line = '';
  let pen = 'M';
  for (const [index, net] of spark.entries()) {
    if (net === null) {
      pen = 'M';
      continue;
    }
    // A point alone is a dash, or it would not be seen.
    line += `${pen}${x(index)} ${y(net)}${pen === 'M' ? 'h0.8' : ''}`;
    pen = 'L';
  }
  const words = `Last hour: ${signedBps(min)} … ${signedBps(max)} bps`;
  return { line, zero: low <= 0 && high >= 0 ? y(0) : null, words };
}
