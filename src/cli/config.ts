import type { Command } from 'commander';
import { ERRORS } from '../core/errors.ts';
import { addConfigFlags, loadFromFlags } from './config-flags.ts';
import { plain } from './output.ts';

/** `config`, `config check FILE`, `config reference`. */
export function addConfig(program: Command): void {
  const config = program
    .command('config')
    .summary('print the configuration in force, with the source of each entry')
    .description(
      'Prints the configuration in force as YAML; behind each entry stands where it comes from (default, FILE:LINE or a flag).',
    )
    .option('--json', 'print { file, config, sources } as JSON')
    .option('--explain', 'print what each entry means and allows')
    .addHelpText(
      'after',
      '\nExamples:\n  spreadscope config --explain\n  spreadscope config check spreadscope.yaml',
    );
  addConfigFlags(config).action(async (options: { json?: true; explain?: true }, command: Command) => {
    const { configJson, configYaml } = await import('../app/config-print.ts');
    const loaded = await loadFromFlags(command);
    process.stdout.write(options.json ? configJson(loaded) : configYaml(loaded, options.explain === true));
  });
  config
    .command('check')
    .argument('<file>', 'the YAML file')
    .summary('check a file and list everything that is wrong with it')
    .option('--json', 'print { valid, problems } as JSON')
    .action(async (file: string, _options: unknown, command: Command) => {
      await checkFile(file, command.optsWithGlobals<{ json?: true }>().json === true);
    });
  config
    .command('reference')
    .summary('print docs/CONFIG.md')
    .action(async () => {
      const { configReference } = await import('../app/config-print.ts');
      process.stdout.write(configReference());
    });
}

async function checkFile(file: string, json: boolean): Promise<void> {
  const { ConfigError, loadConfig } = await import('../app/config.ts');
  const { problemLine } = await import('../app/config-problem.ts');
  try {
    loadConfig({ file, folder: process.cwd(), flags: [], env: process.env });
    process.stdout.write(
      json ? `${JSON.stringify({ valid: true, problems: [] })}\n` : `${plain(file)} is valid\n`,
    );
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.exitCode = ERRORS.CONFIG_INVALID.exit;
    if (json) {
      process.stdout.write(`${JSON.stringify({ valid: false, problems: error.problems })}\n`);
      return;
    }
    const count = error.problems.length;
    process.stderr.write(
      `error CONFIG_INVALID: ${plain(file)} has ${count} ${count === 1 ? 'error' : 'errors'}\n`,
    );
    for (const problem of error.problems) process.stderr.write(`  ${plain(problemLine(problem))}\n`);
  }
}
