/** A process that lets clients come and go; the harness starts it with `fork`: URL, clients a second, symbols. */
import { pageTopics } from './overload-topics.ts';
import { StreamSocket } from './stream-socket.ts';

const [url = '', perSecond = '10', ...symbols] = process.argv.slice(2);
/** A third of the clients leave at once, the others after a few messages. */
const STAY_MS = 3_000;
const counts = { opened: 0, closed: 0, messages: 0 };

function visit(number: number): void {
  let isOpen = true;
  const socket = new StreamSocket(url, {
    opened: () => {
      for (const topic of pageTopics(symbols, number)) socket.send({ op: 'subscribe', ...topic });
      if (number % 3 === 0) socket.cut();
    },
    message: () => {
      counts.messages += 1;
    },
    closed: () => {
      isOpen = false;
      counts.closed += 1;
    },
  });
  counts.opened += 1;
  setTimeout(() => {
    if (isOpen) socket.cut();
  }, STAY_MS);
}

const churning = setInterval(() => visit(counts.opened), 1000 / Number(perSecond));
process.on('message', (order) => {
  if (order === 'stop') clearInterval(churning);
  process.send?.(counts);
});
process.on('disconnect', () => process.exit(0));
