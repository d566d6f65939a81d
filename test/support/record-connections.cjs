// Given to a child process with NODE_OPTIONS=--require: appends where it connects, and each name that it looks up, to
// the file that CONNECTIONS_FILE names.
const { appendFileSync } = require('node:fs');
const dns = require('node:dns');
const net = require('node:net');

const note = (text) => appendFileSync(process.env.CONNECTIONS_FILE, `${text}\n`);
const { connect } = net.Socket.prototype;
net.Socket.prototype.connect = function (...args) {
  const [options] = args.flat();
  if (typeof options === 'object' && !options.path) note(options.host ?? 'localhost');
  return connect.apply(this, args);
};
const { lookup } = dns;
dns.lookup = (name, ...rest) => {
  note(name);
  return lookup(name, ...rest);
};
