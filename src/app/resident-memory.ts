let last = 0;

/** Bytes of memory that the process has resident. The system tells it through a file: when none can be opened, what it told last. */
export function residentBytes(): number {
  try {
    last = process.memoryUsage.rss();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EMFILE')) throw error;
  }
  return last;
}
