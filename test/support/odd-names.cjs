// Preloaded: what a name server would say of names that a test makes up. A name that is not answered holds a thread for
// ever, as the system's own lookup does until it gives up: a pipe is opened that nobody writes to.
const dns = require('node:dns');
const { appendFileSync, readFile } = require('node:fs');

const real = dns.lookup;
dns.lookup = (name, options, callback) => {
  if (!name.endsWith('.test')) return real(name, options, callback);
  if (process.env.ODD_NAMES_ASKED) appendFileSync(process.env.ODD_NAMES_ASKED, `${name}\n`);
  const done = callback ?? options;
  const error = (code) => Object.assign(new Error(code), { code });
  if (name.startsWith('silent')) readFile(process.env.ODD_NAMES_PIPE, () => done(error('EAI_AGAIN')));
  else if (name.startsWith('gone')) process.nextTick(done, error('ENOTFOUND'));
  else if (name.startsWith('again')) process.nextTick(done, error('EAI_AGAIN'));
  else if (options.all) process.nextTick(done, null, [{ address: '127.0.0.1', family: 4 }]);
  else process.nextTick(done, null, '127.0.0.1', 4);
};
