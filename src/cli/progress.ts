/** Nothing is shown of what takes less, ms. */
const SHOW_AFTER_MS = 1000;
const REPAINT_MS = 100;
const WIDTH = 24;

export interface ProgressBar {
  update(done: number, total: number, note?: string): void;
  /** Takes it away; to be called however the work ended. */
  end(): void;
}

/** A bar in the last line of a terminal, for work that takes longer than a second; nothing where there is no terminal. */
export function progressBar(stream: NodeJS.WriteStream, label: string): ProgressBar {
  const startedAt = performance.now();
  let paintedAt = Number.NEGATIVE_INFINITY;
  return {
    update: (done, total, note = '') => {
      const now = performance.now();
      if (!stream.isTTY || now - startedAt < SHOW_AFTER_MS || now - paintedAt < REPAINT_MS) return;
      paintedAt = now;
      const part = total > 0 ? Math.min(1, Math.max(0, done / total)) : 0;
      const full = Math.round(part * WIDTH);
      const line = `${label} ${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${Math.round(100 * part)} % ${note}`;
      stream.write(`\r\x1b[K${[...line].slice(0, (stream.columns || 80) - 1).join('')}`);
    },
    end: () => {
      if (paintedAt > Number.NEGATIVE_INFINITY) stream.write('\r\x1b[K');
      paintedAt = Number.NEGATIVE_INFINITY;
    },
  };
}
