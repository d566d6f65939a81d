// A receiver that reads, counts and answers 200. Asked to wait for a number of requests, it answers how
// long they took from the first one's arrival to the last one's.
import { createServer } from 'node:http';

let asked = null;
const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'content-length': 2 }).end('ok');
    if (!asked) return;
    asked.from ??= process.hrtime.bigint();
    if (--asked.left > 0) return;
    process.send({ ms: Number(process.hrtime.bigint() - asked.from) / 1e6 });
    asked = null;
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}/hook` }));
process.on('message', ({ waitFor }) => {
  asked = { left: waitFor, from: null };
});
