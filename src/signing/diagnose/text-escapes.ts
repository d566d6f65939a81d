/** Layers that text is put through on its way into forms, pages and addresses; secrets and bodies alike. */

type Change = (text: string) => string;

/** A layer, and the way back through it. */
interface EscapeLayer {
  what: string;
  encode: Change;
  decode?: Change;
}

/** HTML's names of the characters from U+00A0 to U+00FF, in their order. */
const LATIN1 =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml';
const OTHERS =
  '–ndash —mdash ‘lsquo ’rsquo ‚sbquo “ldquo ”rdquo „bdquo †dagger ‡Dagger •bull …hellip ‰permil ‹lsaquo ›rsaquo €euro ™trade ŒOElig œoelig ŠScaron šscaron ŸYuml →rarr ←larr ≠ne ≤le ≥ge ˆcirc ˜tilde ƒfnof';
const ENTITY_NAMES = new Map<string, string>([
  ...LATIN1.split(' ').map((name, at): [string, string] => [String.fromCharCode(0xa0 + at), name]),
  ...OTHERS.split(' ').map((entry): [string, string] => [entry.charAt(0), entry.slice(1)]),
]);
const ENTITY_CHARACTERS = new Map([
  ...[...ENTITY_NAMES].map(([character, name]): [string, string] => [name, character]),
  ...Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }),
]);

const html =
  (double: string, single: string): Change =>
  (text) =>
    text.replace(
      /[&<>"']/g,
      (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': double, "'": single })[one]!,
    );
const named =
  (layer: Change): Change =>
  (text) =>
    layer(text).replace(/[^\x00-\x9f]/g, (one) =>
      ENTITY_NAMES.has(one) ? `&${ENTITY_NAMES.get(one)};` : one,
    );

/** The ways to escape `& < > " '` for HTML that there are. */
export const HTML = {
  php: html('&quot;', '&#039;'),
  python: html('&quot;', '&#x27;'),
  decimal: html('&quot;', '&#39;'),
};

export function decodeHtml(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([A-Za-z][A-Za-z0-9]{1,7}));/gi,
    (all, hex, decimal, name) => {
      if (name !== undefined) return ENTITY_CHARACTERS.get(name) ?? all;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}

/** Every byte but letters, digits and `safe` as %XX: encodeURIComponent, which is fast, with its differences. */
const percent = (safe: string, space = '%20'): Change => {
  const map = new Map<string, string>([['%20', space]]);
  for (const one of "!'()*~._-")
    if (!safe.includes(one)) map.set(one, `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
  for (const one of safe) if (encodeURIComponent(one) !== one) map.set(encodeURIComponent(one), one);
  // By way of bytes: half a surrogate pair has no encoding.
  return (text) =>
    encodeURIComponent(Buffer.from(text).toString()).replace(
      /%[2-7][0-9A-F]|[!'()*~._-]/g,
      (one) => map.get(one) ?? one,
    );
};
/** How each writes the value of a form or a query. */
export const QUERY = {
  component: percent("-_.!~*'()"),
  php: percent('-_.', '+'),
  python: percent('-_.~', '+'),
  searchParams: percent('-_.*', '+'),
};

/** What cannot be decoded stays, as lenient decoders leave it. */
function decodePercent(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
}
export function decodeForm(text: string): string {
  return decodePercent(text.replaceAll('+', ' '));
}

/** `\u` and four digits for each character of the pattern; without its flag `u` a surrogate pair becomes two. */
export const unicode =
  (pattern: RegExp, isUpper = false): Change =>
  (text) =>
    text.replace(pattern, (one) => unicodeEscape(one, isUpper));

export function unicodeEscape(character: string, isUpper = false): string {
  const hex = character.charCodeAt(0).toString(16).padStart(4, '0');
  return `\\u${isUpper ? hex.toUpperCase() : hex}`;
}

const SHORT: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
/** What matches as Python and others escape it: `\n`, `\x0b`, `\u2028`. */
export function backslashed(text: string, pattern: RegExp): string {
  return text.replace(pattern, (one) => SHORT[one] ?? unicodeEscape(one).replace('\\u00', '\\x'));
}

function decodeBackslashes(text: string): string {
  return text.replace(
    /\\(?:u\{([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2})|([nrt]))/gi,
    (all, long, four, two, short) => {
      if (short !== undefined) return ({ n: '\n', r: '\r', t: '\t' } as Record<string, string>)[short] ?? all;
      const code = Number.parseInt(long ?? four ?? two, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}

/** What a form does to the value of a field; the usual ones first. */
// biome-ignore format: a table, a row a line
export const FORM_LAYERS: readonly EscapeLayer[] = [
  { what: 'encodeURIComponent', encode: QUERY.component, decode: decodePercent },
  { what: "PHP's urlencode, a form", encode: QUERY.php, decode: decodeForm },
  { what: "Python's quote_plus, or Go's QueryEscape", encode: QUERY.python },
  { what: 'URLSearchParams', encode: QUERY.searchParams },
  { what: "Python's quote", encode: percent('-_.~/') },
  { what: "PHP's rawurlencode", encode: percent('-_.~') },
  { what: 'encodeURI', encode: percent("-_.!~*'();/?:@&=+$,#") },
];

// biome-ignore format: a table, a row a line
const LAYERS: readonly EscapeLayer[] = [
  ...FORM_LAYERS.slice(0, 3),
  { what: "PHP's htmlspecialchars", encode: HTML.php, decode: decodeHtml },
  { what: "Python's html.escape", encode: HTML.python },
  { what: 'HTML entities', encode: HTML.decimal },
  ...FORM_LAYERS.slice(3),
  { what: "Go's PathEscape", encode: percent('-_.~$&+=:@') },
  { what: 'percent-encoding in lower case', encode: (text) => percent('-_.~')(text).replace(/%../g, (one) => one.toLowerCase()) },
  { what: '+ for each space', encode: (text) => text.replaceAll(' ', '+'), decode: (text) => text.replaceAll('+', ' ') },
  { what: '%20 for each space', encode: (text) => text.replaceAll(' ', '%20') },
  { what: "Go's html.EscapeString", encode: html('&#34;', '&#39;') },
  { what: 'HTML entities without those of quotes', encode: html('"', "'") },
  { what: 'HTML entities, single quotes left', encode: html('&quot;', "'") },
  { what: 'XML entities', encode: html('&quot;', '&apos;') },
  { what: "PHP's htmlentities", encode: named(HTML.php) },
  { what: 'named HTML entities', encode: named(HTML.decimal) },
  { what: 'HTML entities, & alone', encode: (text) => text.replaceAll('&', '&amp;') },
  { what: '\\u escapes', encode: unicode(/[<>&'"+=`]|[^\x00-\x7f]/g), decode: decodeBackslashes },
  { what: '\\u escapes in upper case', encode: unicode(/[<>&'"+=`]|[^\x00-\x7f]/g, true) },
  { what: '\\u escapes of <, > and &', encode: unicode(/[<>&]/g) },
  { what: '\\u escapes of <, > and & in upper case', encode: unicode(/[<>&]/g, true) },
  { what: '\\u escapes of what is not ASCII', encode: unicode(/[^\x00-\x7f]/g) },
  { what: '\\x escapes', encode: (text) => text.replace(/[<>&'"+=`$/]/g, (one) => `\\x${one.charCodeAt(0).toString(16)}`) },
  { what: 'the escapes of a JSON string', encode: (text) => JSON.stringify(text).slice(1, -1) },
  { what: '\\/ for each slash', encode: (text) => text.replaceAll('/', '\\/') },
  { what: "PHP's addslashes, a backslash before each quote", encode: (text) => text.replace(/[\\'"]/g, '\\$&'), decode: (text) => text.replace(/\\(.?)/gs, '$1') },
  { what: 'a backslash before each special character', encode: (text) => text.replace(/[^A-Za-z0-9_@%+=:,./-]/g, '\\$&') },
  { what: 'a backslash before each $', encode: (text) => text.replaceAll('$', '\\$') },
  { what: 'backslashes doubled', encode: (text) => text.replaceAll('\\', '\\\\'), decode: (text) => text.replaceAll('\\\\', '\\') },
];

/** Every layer and every way back, the usual ones first; `what` is the end of "the body …" or "the secret …". */
export const ESCAPINGS: readonly (readonly [what: string, apply: Change])[] = LAYERS.flatMap(
  ({ what, encode, decode }): [string, Change][] => [
    [`escaped, as ${what}`, encode],
    ...(decode === undefined ? [] : [[`decoded, from ${what}`, decode] satisfies [string, Change]]),
  ],
);
/** So many of them are usual. */
export const USUAL_ESCAPINGS = 9;
