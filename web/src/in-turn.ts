let last: Promise<unknown> = Promise.resolve();

/** Does one thing after another, so that many charts do not ask the server for all their pasts at once. */
export function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const done = last.then(work, work);
  last = done.catch(() => undefined);
  return done;
}
