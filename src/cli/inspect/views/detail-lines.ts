import type { DeliveryDetail, LoggedBody, LogRecordDetail } from '../../../contract/control.ts';
import { DIRECTION_LABEL } from '../../../contract/event-names.ts';
import { parseJson } from '../../../contract/json.ts';
import { SIGNATURE_HEADER } from '../../../signing/index.ts';
import { neutralizeLine } from '../../terminal/neutralize.ts';
import { wrap } from '../../terminal/width.ts';
import { explainRecord } from '../../text/attempt-reason.ts';
import { asOfNow } from '../../text/countdown.ts';
import { describeUnsigned, formatDiagnosis } from '../../text/diagnosis.ts';
import { formatDuration } from '../../text/duration.ts';
import { outcomeText } from '../../text/outcome.ts';
import { formatTrace } from '../../text/trace.ts';
import { jsonLines, type Line } from '../json-lines.ts';
import { layoutOf, type State, selectedRecord } from '../state.ts';
import type { Style } from '../style.ts';
import { jobLines } from './job-lines.ts';
import { fact, painted, plain, tinted } from './text-lines.ts';
import { timelineLines } from './timeline.ts';

/** Lines of a text body that are shown: it may be one long line of 64 KiB, or thousands. */
const MOST_TEXT_LINES = 2000;
const HEX_BYTES = 512;

/** The attempt that the detail is about; `null` while it is not there. */
function shownAttempt(state: State): LogRecordDetail | null {
  const record = selectedRecord(state);
  if (record === null || state.detail.id !== record.id) return null;
  return state.detail.delivery?.attempts.find((one) => one.id === record.id) ?? null;
}

/** The open tab as lines. */
export function detailLines(state: State, style: Style): Line[] {
  const width = layoutOf(state).detailWidth - 2;
  const record = selectedRecord(state);
  const { detail } = state;
  if (record === null) return [{ text: 'Nothing is selected.' }];
  if (detail.id === record.id && detail.error !== null) {
    return [{ text: style.red('It cannot be shown.') }, ...plain(detail.error, width)];
  }
  const attempt = shownAttempt(state);
  if (attempt === null || detail.delivery === null) return [{ text: 'Reading…' }];
  switch (state.tab) {
    case 'request':
      return requestLines(attempt, detail.delivery, state, width, style);
    case 'response':
      return responseLines(attempt, state, width, style);
    case 'attempts':
      return timelineLines(detail.delivery, state, width, style);
    case 'signature':
      return signatureLines(attempt, state, width, style);
    case 'AI job':
      return jobLines(state, width, style);
    case 'trace':
      return traceLines(state, width, style);
  }
}

function requestLines(
  attempt: LogRecordDetail,
  delivery: DeliveryDetail,
  state: State,
  width: number,
  style: Style,
): Line[] {
  const { request } = attempt;
  const way = DIRECTION_LABEL[attempt.direction];
  const facts: [string, string | null][] = [
    ['event', `${attempt.event ?? '(no event)'}, ${way}${attempt.test ? ', test event' : ''}`],
    ['id', attempt.id],
    ['event_id', attempt.event_id],
    ['client', attempt.client_id],
    ['reference', attempt.reference_id],
    ['replay of', delivery.replay_of],
    ['fault', attempt.fault],
  ];
  return [
    ...facts.flatMap(([name, value]) => (value === null ? [] : fact(name, value, width, style))),
    { text: '' },
    ...tinted(`${request.method} ${request.url === '' ? '(no URL)' : request.url}`, width, style.bold),
    ...headerLines(request.headers, width, style),
    ...(request.signature ? headerLines({ [SIGNATURE_HEADER]: request.signature }, width, style) : []),
    { text: '' },
    ...bodyLines(request.body, state, width, style),
  ];
}

function responseLines(attempt: LogRecordDetail, state: State, width: number, style: Style): Line[] {
  const took = formatDuration(attempt.duration_ms);
  const colour = attempt.outcome === 'success' ? style.green : style.red;
  const lines: Line[] = [{ text: `${colour(neutralizeLine(outcomeText(attempt)))}  took ${took}` }];
  if (attempt.error) lines.push(...plain(`${attempt.error.code}: ${attempt.error.message}`, width));
  for (const line of explainRecord(attempt, { shown: true, differing: state.detail.delivery?.differing }))
    lines.push(...tinted(line, width, style.yellow));
  if (!attempt.response) return [...lines, { text: '' }, { text: 'There is no answer to show.' }];
  return [
    ...lines,
    { text: '' },
    ...headerLines(attempt.response.headers, width, style),
    { text: '' },
    ...bodyLines(attempt.response.body, state, width, style),
  ];
}

function signatureLines(attempt: LogRecordDetail, state: State, width: number, style: Style): Line[] {
  const { signature } = attempt.request;
  const diagnosis = attempt.diagnosis ?? state.detail.diagnosis;
  const lines =
    signature === null
      ? plain(describeUnsigned(attempt), width)
      : headerLines({ [SIGNATURE_HEADER]: signature }, width, style);
  if (signature === null && diagnosis === null) return lines;
  lines.push({ text: '' });
  if (diagnosis === null) {
    const why = state.detail.diagnosisError;
    if (why !== null) return [...lines, ...plain(`Not checked: ${why}`, width)];
    return [...lines, { text: 'Checking…' }];
  }
  if (diagnosis.verdict === 'valid') {
    lines.push({ text: style.green('✓ it verifies') });
    if (attempt.response?.status === 401 && attempt.direction === 'outgoing') {
      lines.push(
        ...plain(
          'The receiver answered 401 all the same: compare its secret and the bytes that it hashes.',
          width,
        ),
      );
    }
    return lines;
  }
  lines.push({ text: style.red('✗ it does not verify') });
  for (const text of formatDiagnosis(diagnosis, style)) lines.push(...painted(text, width));
  return lines;
}

function traceLines(state: State, width: number, style: Style): Line[] {
  const { trace } = state.detail;
  if (trace === null) return plain('There is no trace: no reference_id was given out.', width);
  // It was read a while ago; how far off the next attempt is goes on.
  const deliveries = trace.deliveries.map((delivery) =>
    delivery.next_attempt
      ? { ...delivery, next_attempt: asOfNow(delivery.next_attempt, state.clock, state.now) }
      : delivery,
  );
  return formatTrace({ ...trace, deliveries }, style).flatMap((text) => painted(text, width));
}

function headerLines(headers: Record<string, string>, width: number, style: Style): Line[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    wrap(`${name}: ${value}`, width - 2).map((text, index) => {
      const split = index === 0 ? Math.min(text.length, name.length) : 0;
      return { text: `${index === 0 ? '' : '  '}${style.cyan(text.slice(0, split))}${text.slice(split)}` };
    }),
  );
}

/** JSON folded and coloured, text as it is, anything else as bytes; what is cut says so. */
function bodyLines(body: LoggedBody, state: State, width: number, style: Style): Line[] {
  const beginning = `cut: the log keeps the beginning of ${body.bytes} bytes; y copies all of a request`;
  const cut = body.truncated ? [{ text: style.yellow(beginning) }] : [];
  if (body.bytes === 0) return [{ text: style.dim('(no body)') }];
  if (body.encoding === 'base64') {
    const bytes = Buffer.from(body.text, 'base64');
    const size = `${body.bytes} bytes that are not text`;
    const more = bytes.length > HEX_BYTES ? `, the first ${HEX_BYTES} of them` : '';
    return [{ text: style.yellow(size + more) }, ...hexLines(bytes.subarray(0, HEX_BYTES), width), ...cut];
  }
  const parsed = body.truncated ? null : parseJson(Buffer.from(body.text));
  if (parsed?.ok && typeof parsed.value === 'object') {
    return [...jsonLines(parsed.value, width, state.detail.toggled, style), ...cut];
  }
  const lines: Line[] = [];
  for (const line of body.text.split(/\r?\n/)) {
    for (const text of wrap(line, width)) lines.push({ text });
    if (lines.length >= MOST_TEXT_LINES) break;
  }
  const dropped =
    lines.length >= MOST_TEXT_LINES ? [{ text: style.yellow('cut: the rest is not shown') }] : [];
  return [...cut, ...lines.slice(0, MOST_TEXT_LINES), ...dropped];
}

function hexLines(bytes: Buffer, width: number): Line[] {
  const perLine = width >= 60 ? 16 : 8;
  const lines: Line[] = [];
  for (let start = 0; start < bytes.length; start += perLine) {
    const row = bytes.subarray(start, start + perLine);
    const hex = [...row].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = [...row]
      .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'))
      .join('');
    lines.push({ text: `${start.toString(16).padStart(4, '0')}  ${hex.padEnd(perLine * 3)} ${text}` });
  }
  return lines;
}
