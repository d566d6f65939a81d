import { maskUrl } from '../../contract/mask-url.ts';
import { whyElsewhere } from '../connect/guard-target.ts';
import { CliError } from '../terminal/errors.ts';
import type { ScenarioContext } from './context.ts';

/** @throws CliError (exit 2) for a target elsewhere, where that is not wanted. */
export async function checkTarget(
  { localOnly }: Pick<ScenarioContext, 'localOnly'>,
  target: string,
): Promise<void> {
  if (!localOnly || !URL.canParse(target)) return;
  const elsewhere = await whyElsewhere(new URL(target));
  if (elsewhere === null) return;
  throw new CliError(`a target that ${elsewhere} is refused here`, {
    where: maskUrl(target),
    next: 'run the scenario with carvos run',
  });
}
