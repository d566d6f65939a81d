/** Layers that text is put through on its way into forms, pages and addresses; secrets and bodies alike. */

/** A layer, and the way back through it. */
export interface EscapeLayer {
  /** As the end of "… escaped" or "… decoded". */
  what: string;
  encode(text: string): string;
  decode?(text: string): string;
}

const LATIN1 =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml'.split(
    ' ',
  );
const OTHERS: Record<string, string> = {
  ...{ '–': 'ndash', '—': 'mdash', '‘': 'lsquo', '’': 'rsquo', '‚': 'sbquo', '“': 'ldquo', '”': 'rdquo' },
  ...{ '„': 'bdquo', '†': 'dagger', '‡': 'Dagger', '•': 'bull', '…': 'hellip', '‰': 'permil', '‹': 'lsaquo' },
  ...{
    '›': 'rsaquo',
    '€': 'euro',
    '™': 'trade',
    Œ: 'OElig',
    œ: 'oelig',
    Š: 'Scaron',
    š: 'scaron',
    Ÿ: 'Yuml',
  },
  ...{ '→': 'rarr', '←': 'larr', '≠': 'ne', '≤': 'le', '≥': 'ge', ˆ: 'circ', '˜': 'tilde', ƒ: 'fnof' },
};
const entity = (character: string): string => {
  const code = character.charCodeAt(0);
  const name = code >= 0xa0 && code <= 0xff ? LATIN1[code - 0xa0] : OTHERS[character];
  return name === undefined ? character : `&${name};`;
};

const html = (double: string, single: string) => (text: string) =>
  text.replace(
    /[&<>"']/g,
    (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': double, "'": single })[one]!,
  );
const named = (layer: (text: string) => string) => (text: string) =>
  layer(text).replace(/[^\x00-\x9f]/g, entity);

/** The ways to escape `& < > " '` for HTML that there are. */
export const HTML = {
  php: html('&quot;', '&#039;'),
  python: html('&quot;', '&#x27;'),
  decimal: html('&quot;', '&#39;'),
  go: html('&#34;', '&#39;'),
  xml: html('&quot;', '&apos;'),
  double: html('&quot;', "'"),
  text: html('"', "'"),
};

const NAMES = new Map([
  ...LATIN1.map((name, index): [string, string] => [name, String.fromCharCode(0xa0 + index)]),
  ...Object.entries(OTHERS).map(([character, name]): [string, string] => [name, character]),
  ...([
    ['amp', '&'],
    ['lt', '<'],
    ['gt', '>'],
    ['quot', '"'],
    ['apos', "'"],
  ] as const),
]);

export function decodeHtml(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([A-Za-z][A-Za-z0-9]{1,7}));/gi,
    (all, hex, decimal, name) => {
      if (name !== undefined) return NAMES.get(name) ?? all;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}

/** Every byte but letters, digits and `safe` as %XX: encodeURIComponent, which is fast, with its differences. */
const percent = (safe: string, space = '%20') => {
  const map = new Map<string, string>([['%20', space]]);
  for (const one of "!'()*~._-")
    if (!safe.includes(one)) map.set(one, `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
  for (const one of safe) if (encodeURIComponent(one) !== one) map.set(encodeURIComponent(one), one);
  // By way of bytes: half a surrogate pair has no encoding.
  return (text: string) =>
    encodeURIComponent(Buffer.from(text).toString()).replace(
      /%[2-7][0-9A-F]|[!'()*~._-]/g,
      (one) => map.get(one) ?? one,
    );
};

/** What cannot be decoded stays, as lenient decoders leave it. */
export function decodePercent(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
}
const plusToSpace = (text: string) => text.replaceAll('+', ' ');

// biome-ignore format: a table, a row a line
export const PERCENT: EscapeLayer[] = [
  { what: 'encodeURIComponent', encode: percent("-_.!~*'()"), decode: decodePercent },
  { what: "PHP's urlencode, a form", encode: percent('-_.', '+'), decode: (text) => decodePercent(plusToSpace(text)),},
  { what: "Python's quote_plus, or Go's QueryEscape", encode: percent('-_.~', '+') },
  { what: 'URLSearchParams', encode: percent('-_.*', '+') },
  { what: "Python's quote", encode: percent('-_.~/') },
  { what: "PHP's rawurlencode", encode: percent('-_.~') },
  { what: 'encodeURI', encode: percent("-_.!~*'();/?:@&=+$,#") },
  { what: "Go's PathEscape", encode: percent('-_.~$&+=:@') },
  { what: 'percent-encoding in lower case', encode: (text) => percent('-_.~')(text).replace(/%../g, (one) => one.toLowerCase()),},
  { what: '+ for each space', encode: (text) => text.replaceAll(' ', '+'), decode: plusToSpace },
  { what: '%20 for each space', encode: (text) => text.replaceAll(' ', '%20') },
];

// biome-ignore format: a table, a row a line
export const ENTITIES: EscapeLayer[] = [
  { what: "PHP's htmlspecialchars", encode: HTML.php, decode: decodeHtml },
  { what: "Python's html.escape", encode: HTML.python },
  { what: 'HTML entities', encode: HTML.decimal },
  { what: "Go's html.EscapeString", encode: HTML.go },
  { what: 'HTML entities without those of quotes', encode: HTML.text },
  { what: 'HTML entities, single quotes left', encode: HTML.double },
  { what: 'XML entities', encode: HTML.xml },
  { what: "PHP's htmlentities", encode: named(HTML.php) },
  { what: 'named HTML entities', encode: named(HTML.decimal) },
  { what: 'HTML entities, & alone', encode: (text) => text.replaceAll('&', '&amp;') },
];

const unicode = (pattern: RegExp, upper: boolean) => (text: string) =>
  text.replace(pattern, (one) => {
    const hex = one.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${upper ? hex.toUpperCase() : hex}`;
  });

/** Backslashes, as source code, JSON and shells write them. */
// biome-ignore format: a table, a row a line
export const BACKSLASHES: EscapeLayer[] = [
  { what: '\\u escapes', encode: unicode(/[<>&'"+=`]|[^\x00-\x7f]/g, false), decode: decodeBackslashes },
  { what: '\\u escapes in upper case', encode: unicode(/[<>&'"+=`]|[^\x00-\x7f]/g, true) },
  { what: '\\u escapes of <, > and &', encode: unicode(/[<>&]/g, false) },
  { what: '\\u escapes of <, > and & in upper case', encode: unicode(/[<>&]/g, true) },
  { what: '\\u escapes of what is not ASCII', encode: unicode(/[^\x00-\x7f]/g, false) },
  { what: '\\x escapes', encode: (text) => text.replace(/[<>&'"+=`$/]/g, (one) => `\\x${one.charCodeAt(0).toString(16)}`),},
  { what: 'the escapes of a JSON string', encode: (text) => JSON.stringify(text).slice(1, -1) },
  { what: '\\/ for each slash', encode: (text) => text.replaceAll('/', '\\/') },
  { what: 'a backslash before each quote', encode: (text) => text.replace(/[\\'"]/g, '\\$&'), decode: (text) => text.replace(/\\(.)/gs, '$1'),},
  { what: 'a backslash before each special character', encode: (text) => text.replace(/[^A-Za-z0-9_@%+=:,./-]/g, '\\$&'),},
  { what: 'a backslash before each $', encode: (text) => text.replaceAll('$', '\\$') },
  { what: 'backslashes doubled', encode: (text) => text.replaceAll('\\', '\\\\'), decode: (text) => text.replaceAll('\\\\', '\\'),},
];

export function decodeBackslashes(text: string): string {
  return text.replace(
    /\\(?:u\{([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2})|([nrt]))/gi,
    (all, long, four, two, short) => {
      if (short !== undefined) return ({ n: '\n', r: '\r', t: '\t' } as Record<string, string>)[short] ?? all;
      const code = Number.parseInt(long ?? four ?? two, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : all;
    },
  );
}
