import type { RouteReply } from '../../../src/wire/api.ts';
import { signedBps } from '../format.ts';

type Steps = RouteReply['waterfall'];

/** The steps as people call them; others keep the server's name. */
const NAMES: Readonly<Record<string, string>> = {
  buyFee: 'buy fee',
  sellFee: 'sell fee',
  buyAge: 'buy age',
  sellAge: 'sell age',
};

interface Bar {
  readonly from: number;
  readonly to: number;
}

/** From gross to net: the first and the last step are totals that start at zero, each step between starts where the one before ended. */
export function Waterfall({ steps }: { steps: Steps }) {
  const bars = layOut(steps);
  const low = Math.min(0, ...bars.map((bar) => Math.min(bar.from, bar.to)));
  const high = Math.max(0, ...bars.map((bar) => Math.max(bar.from, bar.to)));
  const width = high - low || 1;
  return (
    <table class="waterfall" aria-label="From gross to net, in basis points">
      <tbody>
        {steps.map((step, index) => {
          const bar = bars[index] ?? { from: 0, to: 0 };
          return (
            <tr key={step.step} title={step.note} class={step.gate?.passes === false ? 'stopped' : undefined}>
              <th scope="row">{NAMES[step.step] ?? step.step}</th>
              <td class="step">
                {step.bps === null ? (
                  step.value
                ) : (
                  <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                    <line x1={((0 - low) / width) * 100} x2={((0 - low) / width) * 100} y1="-2" y2="12" />
                    <rect
                      class={step.bps < 0 ? 'loss' : 'gain'}
                      x={((Math.min(bar.from, bar.to) - low) / width) * 100}
                      width={(Math.abs(bar.to - bar.from) / width) * 100}
                      y="1"
                      height="8"
                    />
                  </svg>
                )}
              </td>
              <td class="num">{step.bps === null ? '' : signedBps(step.bps)}</td>
              <td class="note">{gateText(step)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** What would stop the route here, and whether it does. */
function gateText({ gate, note }: Steps[number]): string {
  if (gate === null) return note;
  return gate.passes ? `✓ ${gate.rule}` : `✗ stopped: ${gate.rule}`;
}

function layOut(steps: Steps): readonly Bar[] {
  let level = 0;
  return steps.map((step, index) => {
    const total = index === 0 || index === steps.length - 1;
    const from = total ? 0 : level;
    level = from + (step.bps ?? 0);
    return { from, to: level };
  });
}
