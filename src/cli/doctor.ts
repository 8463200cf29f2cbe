import type { Command } from 'commander';
import type { Check } from '../app/doctor-check.ts';
import { SpreadscopeError } from '../core/errors.ts';
import { addConfigFlags, loadFromFlags } from './config-flags.ts';
import { plain } from './output.ts';

/** `doctor`: whether this machine and its network can run it. */
export function addDoctor(program: Command): void {
  const doctor = program
    .command('doctor')
    .summary('check network, clock, disk, file descriptors, memory and port')
    .description(
      'Looks at everything that a run with this configuration stands on, one line each; exit code 1 if anything is wrong.',
    )
    .option('--json', 'print { ok, checks } as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  spreadscope doctor\n  spreadscope doctor --via http://127.0.0.1:8090',
    );
  addConfigFlags(doctor).action(async (options: { json?: true }, command: Command) => {
    const { config } = await loadFromFlags(command);
    const { examine } = await import('../app/doctor.ts');
    const checks = await examine(config, process.cwd());
    const failed = checks.filter((check) => !check.ok).length;
    process.stdout.write(options.json ? `${JSON.stringify({ ok: failed === 0, checks })}\n` : report(checks));
    if (failed > 0)
      throw new SpreadscopeError('DOCTOR_FAILED', `${failed} of ${checks.length} checks failed`);
  });
}

function report(checks: readonly Check[]): string {
  return checks
    .map((check) => `${plain(`${check.ok ? '✓' : '✗'} ${check.name.padEnd(11)} ${check.detail}`)}\n`)
    .join('');
}
