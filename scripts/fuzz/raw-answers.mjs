/** Reads HTTP/1.1 answers from bytes, with nothing of Node's: statuses, and what is wrong with how they are written. */
export function readAnswers(bytes) {
  const statuses = [];
  let rest = bytes;
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n');
    const head = rest.subarray(0, end < 0 ? 0 : end).toString('latin1');
    const [first, ...lines] = head.split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
    if (Number.isNaN(status))
      return { statuses, problem: `no HTTP: ${rest.subarray(0, 80).toString('latin1')}` };
    const headers = new Map(
      lines.map((line) => [line.split(':')[0].toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    rest = rest.subarray(end + 4);
    if (status < 200) continue;
    statuses.push(status);
    const length = headers.get('content-length');
    // The answer to HEAD has a length and no body; the connection ends with it either way.
    if (rest.length === 0) break;
    if (length === undefined) {
      const last = rest.indexOf('0\r\n\r\n');
      if (headers.get('transfer-encoding') !== 'chunked') break;
      if (last < 0) return { statuses, problem: 'cut short' };
      rest = rest.subarray(last + 5);
    } else if (rest.length < Number(length)) return { statuses, problem: 'cut short' };
    else rest = rest.subarray(Number(length));
  }
  return { statuses, problem: null };
}
