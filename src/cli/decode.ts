import type { Command } from 'commander';
import { VENUE_IDS } from '../core/venue-ids.ts';
import { parseVenue } from './arguments.ts';

/** `decode VENUE`: raw frames in, normalized records out. */
export function addDecode(program: Command): void {
  program
    .command('decode')
    .argument('<venue>', VENUE_IDS.join(', '))
    .summary('decode raw frames from standard input')
    .description(
      [
        'Reads frames on standard input, one a line (text as it is, binary as base64:… or hex:…), and writes one JSON line for each quote and trade.',
        'Bad frames go to standard error as `line N: kind`; its last line counts everything.',
      ].join('\n'),
    )
    .option(
      '--instruments <file>',
      "the venue's own instrument-list reply; without it symbols are guessed from the id's end",
    )
    .addHelpText(
      'after',
      '\nExamples:\n  spreadscope decode okx < frames.txt\n  spreadscope decode binance --instruments exchangeInfo.json < frames.txt > records.ndjson',
    )
    .action(async (venueText: string, flags: { instruments?: string }) => {
      const venue = parseVenue(venueText);
      const { decodeFrames } = await import('../app/decode.ts');
      await decodeFrames({
        venue,
        instruments: flags.instruments,
        input: process.stdin,
        output: process.stdout,
        errors: process.stderr,
      });
    });
}
