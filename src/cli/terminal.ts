/** The part of a terminal's output stream that is used here. */
export interface TerminalStream {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/**
 * Lines that scroll away above a block that is repainted in place. Everything the program prints while a block stands must go through here, or the
 * cursor arithmetic is off.
 */
export class Terminal {
  readonly #stream: TerminalStream;
  #block: readonly string[] = [];
  #painted = 0;

  constructor(stream: TerminalStream) {
    this.#stream = stream;
  }

  /** Prints a line above the block. */
  line(text: string): void {
    this.#stream.write(`${this.#erase()}${text}\n${this.#draw()}`);
  }

  /** Replaces the block. Lines are cut to the width, the block to the height, so that it never wraps or scrolls. */
  paint(block: readonly string[]): void {
    const erase = this.#erase();
    this.#block = block;
    this.#stream.write(erase + this.#draw());
  }

  /** Leaves the block standing and paints no more. */
  close(): void {
    this.#block = [];
    this.#painted = 0;
  }

  #erase(): string {
    return this.#painted === 0 ? '' : `\x1b[${this.#painted}A\x1b[J`;
  }

  #draw(): string {
    // A terminal that was never told its size says 0.
    const width = (this.#stream.columns || 80) - 1;
    const height = Math.max(1, (this.#stream.rows || 24) - 1);
    const lines = this.#block.slice(0, height).map((text) => [...text].slice(0, width).join(''));
    this.#painted = lines.length;
    return lines.map((text) => `${text}\n`).join('');
  }
}
