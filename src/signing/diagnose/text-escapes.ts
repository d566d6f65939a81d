/** Layers that text is put through on its way into forms, pages and addresses; secrets and bodies alike. */

type Change = (text: string) => string;

/** A layer, and the way back through it. */
type EscapeLayer = [what: string, encode: Change, decode?: Change];

/** HTML's names of the characters from U+00A0 to U+00FF, in their order. */
const LATIN1 =
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml';
const OTHERS =
  '–ndash —mdash ‘lsquo ’rsquo ‚sbquo “ldquo ”rdquo „bdquo †dagger ‡Dagger •bull …hellip ‰permil ‹lsaquo ›rsaquo €euro ™trade ŒOElig œoelig ŠScaron šscaron ŸYuml →rarr ←larr ≠ne ≤le ≥ge ˆcirc ˜tilde ƒfnof';
const ENTITY_NAMES = new Map<string, string>([
  ...LATIN1.split(' ').map((name, at) => [String.fromCharCode(0xa0 + at), name] as const),
  ...OTHERS.split(' ').map((entry) => [entry.charAt(0), entry.slice(1)] as const),
]);
const ENTITY_CHARACTERS: Record<string, string> = {
  ...Object.fromEntries([...ENTITY_NAMES].map(([character, name]) => [name, character])),
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" },
};

const html = (double: string, single: string, and = '&amp;', more: Record<string, string> = {}): Change => {
  const entities: typeof more = { '&': and, '<': '&lt;', '>': '&gt;', '"': double, "'": single, ...more };
  return (text) => text.replace(/[&<>"'`=+/\\]/g, (one) => entities[one] ?? one);
};
const named = (layer: Change): Change => {
  const entity = (one: string) => (ENTITY_NAMES.has(one) ? `&${ENTITY_NAMES.get(one)};` : one);
  return (text) => layer(text).replace(/[^\x00-\x9f]/g, entity);
};

/** The ways to escape `& < > " '` for HTML that there are. */
export const HTML = {
  php: html('&quot;', '&#039;'),
  python: html('&quot;', '&#x27;'),
  decimal: html('&quot;', '&#39;'),
};

const ENTITY = /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([A-Za-z][A-Za-z0-9]{1,7}));/gi;
export function decodeHtml(text: string): string {
  return text.replace(ENTITY, (all, hex, decimal, name) => {
    if (name !== undefined) return ENTITY_CHARACTERS[name] ?? all;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}

/** Every byte but letters, digits and `safe` as %XX: encodeURIComponent, which is fast, with its differences. */
const percent = (safe: string, space = '%20'): Change => {
  const differences: Record<string, string> = { '%20': space };
  for (const one of "!'()*~._-")
    if (!safe.includes(one)) differences[one] = `%${one.charCodeAt(0).toString(16).toUpperCase()}`;
  for (const one of safe) if (encodeURIComponent(one) !== one) differences[encodeURIComponent(one)] = one;
  const all = Object.keys(differences).join('|');
  const pattern = new RegExp(all.replace(/[()*.]/g, '\\$&'), 'g');
  // Half a surrogate pair has no encoding.
  const encode = (text: string) =>
    encodeURIComponent(text.toWellFormed()).replace(pattern, (one) => differences[one]!);
  return (text) => (/^\w*$/.test(text) ? text : encode(text));
};
/** How each writes the value of a form or a query. */
export const QUERY = {
  component: percent("-_.!~*'()"),
  php: percent('-_.', '+'),
  python: percent('-_.~', '+'),
  searchParams: percent('-_.*', '+'),
};

/** What cannot be decoded stays, as lenient decoders leave it. */
const decodePercent: Change = (text) =>
  text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
export const decodeForm: Change = (text) => decodePercent(text.replaceAll('+', ' '));

export function unicodeEscape(character: string, isUpper = false): string {
  const hex = character.charCodeAt(0).toString(16).padStart(4, '0');
  return `\\u${isUpper ? hex.toUpperCase() : hex}`;
}
/** For each character of the pattern; without its flag `u` a surrogate pair becomes two. */
export const unicode = (pattern: RegExp, isUpper = false): Change => {
  return (text) => text.replace(pattern, (one) => unicodeEscape(one, isUpper));
};

const SHORT: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
/** What matches as Python and others escape it: `\n`, `\x0b`, `\u2028`. */
export function backslashed(text: string, pattern: RegExp): string {
  return text.replace(pattern, (one) => SHORT[one] ?? unicodeEscape(one).replace('\\u00', '\\x'));
}

const BACKSLASHED = /\\(?:u\{([0-9a-f]{1,6})\}|u([0-9a-f]{4})|x([0-9a-f]{2})|([nrt]))/gi;
// biome-ignore format: a table
const LETTERS: Record<string, string> = { a: '\x07', b: '\b', e: '\x1b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
const decodeBackslashes: Change = (text) =>
  text.replace(BACKSLASHED, (all, long, four, two, short) => {
    if (short !== undefined) return LETTERS[short] ?? all;
    const code = Number.parseInt(long ?? four ?? two, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });

/** Reads escapes: these characters, a backslash, and with `units` `\u` and `\x`. */
const reading = (letters: string, units = ''): Change => {
  const pattern = new RegExp(`\\\\(?:([${letters}\\\\])${units})`, 'g');
  return (text) =>
    text.replace(pattern, (_all, one, four, two) =>
      one === undefined ? String.fromCharCode(Number.parseInt(four ?? two, 16)) : (LETTERS[one] ?? one),
    );
};
const HEX = '|u([\\da-fA-F]{1,4})|x([\\da-fA-F]{1,2})';
/** `echo` of sh (dash), `echo -e` of bash, and Python's `unicode_escape`. */
export const READ = {
  dash: reading('abfnrtv'),
  bash: reading('abefnrtv', HEX),
  python: reading(`abfnrtv'"`, HEX),
};

/** What a form does to the value of a field; the usual ones first. */
// biome-ignore format: a table, siblings on a line
export const FORM_LAYERS: readonly EscapeLayer[] = [
  ['encodeURIComponent', QUERY.component, decodePercent], ["PHP's urlencode, a form", QUERY.php, decodeForm],
  ["Python's quote_plus, or Go's QueryEscape", QUERY.python], ['URLSearchParams', QUERY.searchParams],
  ["Python's quote", percent('-_.~/')], ["PHP's rawurlencode", percent('-_.~')],
  ['encodeURI', percent("-_.!~*'();/?:@&=+$,#")],
];

/** Texts within the quotes of JSON, of Java, and of PHP's `var_export` and `serialize`. */
const json: Change = (text) => JSON.stringify(text).slice(1, -1);
const java: Change = (text) => unicode(/[^\x00-\x7f]/g, true)(json(text));
export const phpExported: Change = (text) => `'${text.replace(/[\\']/g, '\\$&')}'`;
export const phpSerialized: Change = (text) => `s:${Buffer.byteLength(text)}:"${text}";`;
const lower: Change = (text) => text.replace(/%../g, (one) => one.toLowerCase());

// biome-ignore format: a table, siblings on a line
const LAYERS: readonly EscapeLayer[] = [
  ...FORM_LAYERS.slice(0, 3),
  ["PHP's htmlspecialchars", HTML.php, decodeHtml], ["Python's html.escape", HTML.python], ['HTML entities', HTML.decimal],
  ...FORM_LAYERS.slice(3),
  ["Go's PathEscape", percent('-_.~$&+=:@')], ["JavaScript's escape", (text) => escape(text)],
  ['percent-encoding in lower case', (text) => lower(percent('-_.~')(text))], ["ASP.NET's UrlEncode", (text) => lower(percent('-_.!*()', '+')(text))],
  ['+ for each space', (text) => text.replaceAll(' ', '+'), (text) => text.replaceAll('+', ' ')], ['%20 for each space', (text) => text.replaceAll(' ', '%20')],
  ["Go's html.EscapeString, or Python's Jinja", html('&#34;', '&#39;')], ["Go's html/template", html('&#34;', '&#39;', '&amp;', { '+': '&#43;' })],
  ['Handlebars', html('&quot;', '&#x27;', '&amp;', { '`': '&#x60;', '=': '&#x3D;' })], ['mustache.js', html('&quot;', '&#39;', '&amp;', { '/': '&#x2F;', '`': '&#x60;', '=': '&#x3D;' })],
  ['underscore', html('&quot;', '&#x27;', '&amp;', { '`': '&#x60;' })], ["validator.js's escape", html('&quot;', '&#x27;', '&amp;', { '/': '&#x2F;', '\\': '&#x5C;', '`': '&#96;' })],
  ['HTML entities without those of quotes', html('"', "'")], ['HTML entities, single quotes left', html('&quot;', "'")],
  ['XML entities', html('&quot;', '&apos;')],
  ["PHP's htmlentities", named(HTML.php)], ['named HTML entities', named(HTML.decimal)], ["Java's escapeHtml4", named(html('&quot;', "'"))],
  ["ASP.NET's HtmlEncode", (text) => HTML.decimal(text).replace(/[\xa0-\xff]|[\ud800-\udbff]./g, (one) => `&#${one.codePointAt(0)};`)],
  ["PHP's FILTER_SANITIZE_STRING", (text) => html('&#34;', '&#39;', '&')(text.replace(/<[^>]*>?/g, ''))],
  ["PHP's FILTER_SANITIZE_SPECIAL_CHARS", (text) => text.replace(/[&<>"'\x00-\x1f]/g, (one) => `&#${one.charCodeAt(0)};`)],
  ['HTML entities, & alone', (text) => text.replaceAll('&', '&amp;')],
  ['\\u escapes', unicode(/[<>&'"+=`]|[^\x00-\x7f]/g), decodeBackslashes],
  ['\\u escapes in upper case', unicode(/[<>&'"+=`]|[^\x00-\x7f]/g, true)],
  ['\\u escapes of <, > and &', unicode(/[<>&]/g)], ['\\u escapes of <, > and & in upper case', unicode(/[<>&]/g, true)],
  ['\\u escapes of what is not ASCII', unicode(/[^\x00-\x7f]/g)],
  ['\\x escapes', (text) => text.replace(/[<>&'"+=`$/]/g, (one) => `\\x${one.charCodeAt(0).toString(16)}`)],
  ['the escapes of a JSON string', json], ['the escapes of a Java string', java],
  ["the escapes of a string, as Java's escapeJson", (text) => java(text).replaceAll('/', '\\/')],
  ["ASP.NET's JavaScriptStringEncode", (text) => unicode(/[<>&'\x85\u2028\u2029]/g)(json(text))],
  ["a shell's single-quoted word", (text) => `'${text.replaceAll("'", "'\\''")}'`], ["Python's shlex.quote", (text) => `'${text.replaceAll("'", `'"'"'`)}'`],
  ["PHP's var_export", phpExported], ["PHP's serialize", phpSerialized],
  ['\\/ for each slash', (text) => text.replaceAll('/', '\\/')],
  ["PHP's addslashes, a backslash before each quote", (text) => text.replace(/[\\'"]/g, '\\$&'), (text) => text.replace(/\\(.?)/gs, '$1')],
  ['a backslash before each special character', (text) => text.replace(/[^A-Za-z0-9_@%+=:,./-]/g, '\\$&')],
  ['a backslash before each $', (text) => text.replaceAll('$', '\\$')],
  ['backslashes doubled', (text) => text.replaceAll('\\', '\\\\'), (text) => text.replaceAll('\\\\', '\\')],
];

/** Every layer and every way back, the usual ones first; `what` is the end of "the body …" or "the secret …". */
export const ESCAPINGS: readonly (readonly [what: string, apply: Change])[] = LAYERS.flatMap(
  ([what, encode, decode]) => [
    [`escaped, as ${what}`, encode] as const,
    ...(decode === undefined ? [] : [[`decoded, from ${what}`, decode] as const]),
  ],
);
/** So many of them are usual. */
export const USUAL_ESCAPINGS = 9;
