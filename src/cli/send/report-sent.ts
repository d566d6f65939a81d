import { DIRECTION_LABEL } from '../../contract/event-names.ts';
import { parseJson } from '../../contract/json.ts';
import { maskUrl } from '../../contract/mask-url.ts';
import type { SentDocument } from '../../contract/output/sending.ts';
import { asCalled } from '../../files/called-as.ts';
import { describeWait } from '../connect/wait.ts';
import { textField } from '../events/body.ts';
import { errorText } from '../terminal/errors.ts';
import type { Io } from '../terminal/io.ts';
import type { Output } from '../terminal/output.ts';
import { curlCommand } from '../text/curl.ts';
import { formatDuration } from '../text/duration.ts';
import { bodyForJson, describeAnswer, rawHttp } from '../text/http.ts';
import type { ReadyRequest, Sending, Sent } from './sender.ts';

/** Says for a person how the gateway answered one event. */
export function describeAnswered(sending: Sending, sent: Sent): void {
  const { output } = sending;
  const { paint } = output;
  const { result, body, request, referenceId, accepted } = sent;
  describeUpload(output, sent);
  if (request !== null && !result.ok) {
    const url = maskUrl(request.url.href);
    if (sent.interrupted)
      output.note(`interrupted: no answer yet, so whether it arrived is not known\n  at: ${url}`);
    else output.note(errorText(result.message, url, result.hint));
    return;
  }
  if (request !== null && result.ok) {
    const event = `${output.safe(textField(body, 'event') ?? 'a body without event')}  ${DIRECTION_LABEL.incoming}`;
    const status = paint[accepted ? 'green' : 'red'](`${result.status}`);
    output.line(`${status}  ${event}  ${formatDuration(result.duration_ms)}`);
  }
  if (request === null || !accepted) {
    describeRefusal(output, sent);
    return;
  }
  output.line(`  reference_id ${output.safe(referenceId ?? 'missing in the answer')}`);
  const eventId = textField(body, 'event_id');
  if (eventId !== null)
    output.line(
      `  event_id ${output.safe(eventId)}${request.times > 1 ? `, sent ${request.times} times` : ''}`,
    );
}

/** Says for a person what it caused, where that was waited for. */
export function describeCaused({ output, wait }: Sending, sent: Sent): void {
  if (sent.wait !== null && wait !== null) describeWait(output, wait, sent.wait);
  if (sent.accepted && sent.interrupted)
    output.note('interrupted: the event is sent, and the gateway goes on with it');
}

/**
 * One line, and what there is to add where it was not accepted or does not hold.
 *
 * @param hint whether to say what to do next: not again for every line.
 */
export function describeBriefly(sending: Sending, sent: Sent, place: string, hint: boolean): void {
  const { output } = sending;
  const { result, body, referenceId } = sent;
  const { paint } = output;
  const status = result.ok ? `${result.status}` : result.code;
  const event = output.safe(textField(body, 'event') ?? 'a body without event');
  const reference = referenceId === null ? '' : `  reference_id ${output.safe(referenceId)}`;
  const took = formatDuration(result.duration_ms);
  const upload = sent.request === null ? 'upload of the CV  ' : '';
  output.line(
    `${paint[sent.accepted ? 'green' : 'red'](status)}  ${upload}${event}  incoming  ${place}${reference}  ${took}`,
  );
  if (!sent.accepted) describeRefusal(output, sent, hint);
  if (sent.wait !== null && sending.wait !== null) describeWait(output, sending.wait, sent.wait);
}

/** The same for `--json`. */
export function sentDocument(sending: Sending, sent: Sent): SentDocument {
  const { result, body, request, upload, wait } = sent;
  const facts: SentDocument = {
    url: maskUrl((request?.url ?? sending.base).href),
    via: sending.via,
    direction: 'incoming',
    event: textField(body, 'event'),
    event_id: textField(body, 'event_id'),
    client_id: textField(body, 'client_id'),
    bytes: request?.body.length ?? 0,
    upload:
      upload === null
        ? null
        : { status: upload.result.ok ? upload.result.status : null, carv_file_id: upload.fileId },
    status: result.ok ? result.status : null,
    reference_id: sent.referenceId,
    duration_ms: result.duration_ms,
    response: result.ok ? answerForJson(result.body) : null,
    error: result.ok ? null : { code: result.code, message: result.message },
    ...(sent.interrupted ? { interrupted: true } : {}),
  };
  if (wait === null) return facts;
  const { done, met, trace } = wait.result;
  return {
    ...facts,
    wait: { until: sending.wait!.until ?? 'settled', done, met },
    expectations: wait.expectations,
    job: trace.job,
    deliveries: wait.deliveries,
  };
}

export function printRequest(
  io: Io,
  output: Output,
  request: ReadyRequest,
  print: { curl: boolean; file: string | null; extra?: Record<string, unknown> },
): void {
  const { method, url, headers, body } = request;
  const command = print.curl ? curlCommand(request, print.file) : null;
  output.document({
    method,
    url: url.href,
    headers,
    body: bodyForJson(body),
    curl: command,
    ...print.extra,
  });
  if (output.json) return;
  if (command !== null) output.line(command);
  else if (io.stdout.isTTY === true)
    output.line(output.safe(rawHttp(request).toString('utf8').replaceAll('\r\n', '\n')));
  else io.stdout.write(rawHttp(request));
}

function describeUpload(output: Output, { upload }: Sent): void {
  if (upload === null) return;
  const { result, fileId, answer } = upload;
  const { paint } = output;
  const took = formatDuration(result.duration_ms);
  if (!result.ok) output.note(errorText(result.message, 'the upload of the CV', result.hint));
  else if (fileId === null) output.line(`${paint.red(`${result.status}`)}  upload of the CV  ${took}`);
  else {
    const type = typeof answer?.content_type === 'string' ? `  ${output.safe(answer.content_type)}` : '';
    output.line(`${paint.green(`${result.status}`)}  upload of the CV  ${took}`);
    output.line(`  carv_file_id ${output.safe(fileId)}${type}`);
  }
}

function describeRefusal(output: Output, { result, request }: Sent, hinted = true): void {
  if (!result.ok) {
    if (request !== null) output.note(`  ${result.message}`);
    return;
  }
  for (const line of describeAnswer(result)) output.line(`  ${output.safe(line)}`);
  const isByKey = result.status === 401 && request?.headers['X-API-Key'] !== undefined;
  const hint = (request === null || isByKey ? UPLOAD_HINTS : HINTS)[result.status];
  if (hinted && hint !== undefined) output.note(`  next: ${asCalled(hint)}`);
}

const LATER =
  'send it again later; carvos fault lists the faults on purpose, and the log of the gateway has any other reason';

const HINTS: Record<number, string> = {
  401: 'check the incoming secret and the clock; the reason is in the log of the gateway (carvos dev, carvos exec --log-on-failure), never in the answer',
  404: 'check --ats-id and client_id; carvos workspace lists the workspaces of a running gateway',
  409: 'this event_id was used with another body, or the workspace exists or is still being provisioned',
  413: 'a body may have 1 MiB',
  422: 'correct the fields above; carvos events EVENT --direction incoming shows what is needed',
  429: LATER,
  500: LATER,
  503: LATER,
};

const UPLOAD_HINTS: Record<number, string> = {
  401: 'check CARVOS_API_KEY',
  404: 'check client_id; carvos workspace lists the workspaces of a running gateway',
  413: 'a file may have 10 MiB',
  415: 'PDF, DOC and DOCX are taken; the bytes of the file count, not its name',
  429: LATER,
  500: LATER,
  503: LATER,
};

function answerForJson(body: Buffer): unknown {
  const parsed = parseJson(body);
  return parsed.ok ? parsed.value : body.toString('utf8');
}
