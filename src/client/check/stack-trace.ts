/** Lines that only a program's inside has, by language. */
// Every repetition is bounded: an answer is a stranger's text, and must not cost more than its length.
const TRACES: readonly RegExp[] = [
  // JavaScript: `at handle (/srv/app.js:10:5)`, `at async file:///srv/app.mjs:3:1`
  /\bat (?:async )?(?:[\w.$<>[\] ]{1,100} \()?(?:file:\/\/|node:|webpack:|[A-Za-z]:\\|\/)[^\s()]{1,300}?:\d{1,9}:\d{1,9}/,
  // Python
  /Traceback \(most recent call last\)/,
  /File "[^"\n]{1,300}", line \d{1,9}, in /,
  // Java, Kotlin, C#
  /\bat [\w$.<>]{1,200}\([\w$]{1,100}\.(?:java|kt|scala):\d{1,9}\)/,
  /\bat [\w.<>`[\], ]{1,200}\([^)\n]{0,200}\) in \S{1,300}?:line \d{1,9}/,
  // PHP
  /#\d{1,4} \S{1,300}?\.php\(\d{1,9}\)/,
  /(?:Fatal error|Uncaught \w{1,60}):.{0,300}? in \S{1,300}?\.php/,
  // Ruby
  /[^\s:]{1,200}\.rb:\d{1,9}:in [`']/,
  // Go
  /goroutine \d{1,9} \[running\]/,
];

/** The part of a text that is a stack trace, at most 120 characters of it; `null` when there is none. */
export function findStackTrace(text: string): string | null {
  // JSON and HTML hide what they quote.
  const plain = text
    .replace(/\\n/g, '\n')
    .replace(/\\"/g, '"')
    .replace(/&quot;|&#34;/g, '"')
    .replace(/&nbsp;/g, ' ');
  for (const trace of TRACES) {
    const found = trace.exec(plain);
    if (found !== null) return found[0].slice(0, 120);
  }
  return null;
}
