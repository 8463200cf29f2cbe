/**
 * One client of the wire benchmark, in a process of its own: reads whole cycles of Binance's messages from a generator and says
 * `{"rate":R,"cpuPerMessage":NS,"sum":S}` to its parent. The clock starts at the end of the first cycle, when the code is warm and the socket full.
 *
 *   wire-client <client> <port> <messages per cycle> <symbols> <cycles>
 */
import { ccxtClient } from './alternatives/ccxt-client.ts';
import { tardisClient } from './alternatives/tardis-client.ts';
import { wsClient } from './alternatives/ws-client.ts';
import { coins, makeFrames } from './frames.ts';
import { spreadscopeClient } from './spreadscope-client.ts';

import type { WireClient, WireMeter } from './wire-contract.ts';

const CLIENTS: Readonly<Record<string, WireClient>> = {
  spreadscope: spreadscopeClient('raw'),
  'spreadscope over ws': spreadscopeClient('ws'),
  'ws, doing nothing': wsClient,
  'tardis-dev': tardisClient,
  'ccxt pro': ccxtClient,
};

const [name = '', port = '', messages = '', symbols = '', cycles = ''] = process.argv.slice(2);
const client = CLIENTS[name];
if (client === undefined) throw new Error(`no client ${name}`);
const perCycle = Number(messages);
const wanted = perCycle * (Number(cycles) + 1);

let seen = 0;
let sum = 0;
let startedAt = 0;
let cpuBefore = process.cpuUsage();
const meter: WireMeter = {
  room: () => (seen < perCycle ? perCycle : wanted) - seen,
  add: (messages, value) => {
    if (seen >= perCycle) sum += value;
    seen += messages;
    if (seen === perCycle) {
      startedAt = performance.now();
      cpuBefore = process.cpuUsage();
    } else if (seen === wanted) {
      report();
    }
  },
};

function report(): void {
  const count = wanted - perCycle;
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const cpuPerMessage = ((cpu.user + cpu.system) * 1000) / count;
  process.send?.({ rate: count / seconds, cpuPerMessage, sum: sum / Number(cycles) }, () => process.exit(0));
}

await client(Number(port), makeFrames('binance', 1, coins(Number(symbols))).nativeIds, meter);
