import type { Command } from 'commander';
import type { ErrorLike } from '../terminal/errors.ts';

/** commander tells of the first option or argument that is missing, and how many are too many: all are named. */
export function describeMissing(error: unknown, command: Command): void {
  const { code } = (error ?? {}) as ErrorLike;
  if (code === 'commander.excessArguments') {
    const surplus = command.args.slice(command.registeredArguments.length);
    const message = `nothing is known to do with ${surplus.map((one) => JSON.stringify(one)).join(' ')} here`;
    if (surplus.length > 0) Object.assign(error as object, { message });
    return;
  }
  if (code !== 'commander.missingMandatoryOptionValue' && code !== 'commander.missingArgument') return;
  const args = command.registeredArguments.filter(
    (one, index) => one.required && index >= command.args.length,
  );
  const options = command.options.filter(
    (one) => one.mandatory && command.getOptionValue(one.attributeName()) === undefined,
  );
  const missing = [...args.map((one) => `<${one.name()}>`), ...options.map(({ flags }) => flags)];
  const message = `missing: ${missing.join(', ')}`;
  if (missing.length > 1) Object.assign(error as object, { message });
}
