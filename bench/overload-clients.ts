import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { track, within } from './overload-process.ts';
import type { ClientOrder, ClientReply, ClientReport, Subscribe } from './overload-protocol.ts';

const FULL_MS = 60_000;
const REPORT_MS = 60_000;

/** A process of stream clients. */
export class ClientProcess {
  readonly #child: ChildProcess;
  #full: Promise<number> = Promise.resolve(0);

  constructor() {
    const path = fileURLToPath(new URL('./overload-client.js', import.meta.url));
    this.#child = track(fork(path));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Opens one client for each list of topics; answers after how many ms all had a first message of each. */
  async open(
    url: string,
    clients: readonly (readonly Subscribe[])[],
    bytesPerSecond?: number,
  ): Promise<number> {
    this.#full = this.#next('full').then((reply) => (reply.is === 'full' ? reply.ms : Number.NaN));
    this.#order({ is: 'open', url, clients, bytesPerSecond });
    return within(this.#full, FULL_MS, `a first message of every topic of ${clients.length} clients`);
  }

  /** All break off and come back at once; answers after how many ms all had everything again. */
  async storm(): Promise<number> {
    const full = this.#next('full').then((reply) => (reply.is === 'full' ? reply.ms : Number.NaN));
    this.#order({ is: 'storm' });
    return within(full, FULL_MS, 'the return of every client');
  }

  phase(name: string): void {
    this.#order({ is: 'phase', name });
  }

  /** Stops the process as a whole: its sockets stay open, and nobody reads them. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }

  async report(): Promise<ClientReport> {
    const reply = this.#next('report');
    this.#order({ is: 'report' });
    const report = await within(reply, REPORT_MS, 'the report of the clients');
    if (report.is !== 'report') throw new Error('not a report');
    return report;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  #order(order: ClientOrder): void {
    this.#child.send(order);
  }

  #next(kind: ClientReply['is']): Promise<ClientReply> {
    return new Promise((resolve, reject) => {
      const hear = (message: unknown): void => {
        const reply = message as ClientReply;
        if (reply.is !== kind) return;
        this.#child.off('message', hear);
        this.#child.off('exit', died);
        resolve(reply);
      };
      const died = (): void => reject(new Error('a process of clients ended'));
      this.#child.on('message', hear);
      this.#child.once('exit', died);
    });
  }
}
