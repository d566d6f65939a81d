import { maskUrl } from '../../contract/mask-url.ts';
import { watchReference } from '../connect/watch-reference.ts';
import type { EventBody } from '../events/body.ts';
import { CliError, EXIT } from '../terminal/errors.ts';
import { describeAnswered, describeCaused, sentDocument } from './report-sent.ts';
import { checkEvent, type Sending, type Sent, sendEvent } from './sender.ts';

/**
 * Sends one event and tells what comes of it: the answer at once, and each attempt as it is made.
 *
 * @throws CliError (exit 4) for an answer that names nothing to wait for, and what `sendEvent` throws.
 */
export async function sendOne(sending: Sending, body: EventBody): Promise<void> {
  const { io, output, wait } = sending;
  checkEvent(sending, body);
  const watch =
    wait === null || output.json
      ? null
      : await watchReference(wait.client, output, { differing: wait.differing });
  let isTold = false;
  const onAnswer = (sent: Sent) => {
    isTold = true;
    describeAnswered(sending, sent);
  };
  const sent = await sendEvent({ ...sending, wait: wait && { ...wait, watch }, onAnswer }, body).finally(() =>
    watch?.end(null),
  );
  io.exitCode = sent.exitCode;
  if (!isTold) describeAnswered(sending, sent);
  describeCaused(sending, sent);
  output.document(sentDocument(sending, sent));
  if (sent.accepted && wait !== null && sent.referenceId === null) {
    throw new CliError('the answer has no reference_id, so there is nothing to wait for', {
      exitCode: EXIT.refused,
      where: sent.request === null ? undefined : maskUrl(sent.request.url.href),
    });
  }
}
