import type { Command } from 'commander';
import type { LakeWork } from '../app/lake-work.ts';
import { addLakeFolder, lakeFolderOf } from './lake-folder.ts';
import { progressBar } from './progress.ts';
import { abortAtSignal } from './signals.ts';

interface LakeFlags {
  readonly lake?: string;
  readonly json?: true;
}

/** `lake check`, `lake stat`, `lake compact`. */
export function addLake(program: Command): void {
  const lake = program
    .command('lake')
    .summary('check, count or compact what was recorded')
    .addHelpText(
      'after',
      '\nExamples:\n  spreadscope lake stat\n  spreadscope lake check --lake /data/lake\n  spreadscope lake compact --now',
    );
  addCheck(lake);
  addStat(lake);
  addCompact(lake);
}

function addCheck(lake: Command): void {
  addLakeFlags(lake.command('check'))
    .summary('read everything and list what is wrong with it')
    .description(
      'Reads every row of the lake, Parquet and journal, and changes nothing; it may run beside a recorder. Exit code 1 if anything is wrong. A note is no fault.',
    )
    .action(async (flags: LakeFlags, command: Command) => {
      const lake = await lakeFolderOf(flags.lake, command);
      const { assertSound, examineLake } = await import('../app/lake-work.ts');
      const { checkReport } = await import('./lake-report.ts');
      const check = await withProgress('checking', (work) => examineLake(lake, work));
      print(flags, check, () => checkReport(check));
      assertSound(lake, check);
    });
}

function addStat(lake: Command): void {
  addLakeFlags(lake.command('stat'))
    .summary('rows, bytes and files by table, day and venue')
    .description('Counts by the footers of the files, and changes nothing; it may run beside a recorder.')
    .action(async (flags: LakeFlags, command: Command) => {
      const lake = await lakeFolderOf(flags.lake, command);
      const { countLake } = await import('../app/lake-work.ts');
      const { statReport } = await import('./lake-report.ts');
      const stat = await withProgress('counting', (work) => countLake(lake, work));
      print(flags, stat, () => statReport(stat));
    });
}

function addCompact(lake: Command): void {
  addLakeFlags(lake.command('compact'))
    .option('--now', 'merge the files of all hours, not only of those that are over')
    .summary('convert the journal and merge small files')
    .description(
      'Does at once what a recorder does by and by: converts the journal to Parquet and merges the files of finished hours. Nobody may record into the lake meanwhile.',
    )
    .action(async (flags: LakeFlags & { readonly now?: true }, command: Command) => {
      const lake = await lakeFolderOf(flags.lake, command);
      const { mergeLake } = await import('../app/lake-work.ts');
      const { mergeReport } = await import('./lake-report.ts');
      const merge = await withProgress('compacting', (work) => mergeLake(lake, flags.now === true, work));
      print(flags, merge, () => mergeReport(merge));
    });
}

function addLakeFlags(command: Command): Command {
  return addLakeFolder(command).option('--json', 'print one JSON object');
}

/** Runs it with a bar on standard error, until a signal ends it. */
async function withProgress<T>(label: string, run: (work: LakeWork) => Promise<T>): Promise<T> {
  const signal = abortAtSignal();
  const bar = progressBar(process.stderr, label);
  try {
    return await run({ progress: bar.update, signal });
  } finally {
    bar.end();
  }
}

function print(flags: LakeFlags, result: object, report: () => string[]): void {
  process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : `${report().join('\n')}\n`);
}
