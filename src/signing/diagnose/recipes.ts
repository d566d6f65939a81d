import { CHANGES, INDEX_KEYS_FIRST, type JsonStep, ORDERS } from './json-changes.ts';
import { escaping, type JsonStyle, laidOut, type Notation } from './json-write.ts';
import * as notations from './notations.ts';
import { NUMBERS } from './numbers.ts';
import { pythonRepr, rubyString } from './string-literals.ts';
import { decodeForm, unicode } from './text-escapes.ts';

/** A pipeline that exists in the world. */
export interface Recipe {
  readonly name: string;
  style: JsonStyle;
  /** With two changes to what its line makes, or a form decoded again: a large body is spared it at first. */
  isRare?: boolean;
}

const indented = (indent: string) => ({ comma: ',', colon: ': ', indent });

// biome-ignore format: a table, siblings on a line
export const LAYOUTS: Record<string, Notation> = {
  compact: laidOut({ comma: ',', colon: ':' }), spaced: laidOut({ comma: ', ', colon: ': ' }),
  2: laidOut(indented('  ')), 4: laidOut(indented('    ')), tab: laidOut(indented('\t')),
  jackson: laidOut({ ...indented('  '), colon: ' : ', inlineLists: true, empty: ['[ ]', '{ }'] }),
  perl: laidOut({ ...indented('   '), colon: ' : ' }), ruby: laidOut({ ...indented('  '), empty: ['[\n*]', '{*}'] }),
  colonSpaced: laidOut({ comma: ',', colon: ': ' }), commaSpaced: laidOut({ comma: ', ', colon: ':' }),
  1: laidOut(indented(' ')), 3: laidOut(indented('   ')),
};

/** Beside them values as languages print them for people: `toString()`, `fmt.Sprint`, `inspect`, `str()`. */
// biome-ignore format: a table, siblings on a line
const WRITERS: Record<string, Notation> = {
  ...LAYOUTS, ...notations,
  javaMap: laidOut({ comma: ', ', colon: '=' }), elixirMap: laidOut({ comma: ', ', colon: ' => ', braces: ['%{', '}'], literals: { null: 'nil' } }),
  goMap: laidOut({ comma: ' ', colon: ':', braces: ['map[', ']'], literals: { null: '<nil>' } }),
  rubyHash: laidOut({ comma: ', ', colon: '=>', literals: { null: 'nil' } }), rubySpaced: laidOut({ comma: ', ', colon: ' => ', literals: { null: 'nil' } }),
};

const LINES = '\\u2028\\u2029';
const GO = `<>&${LINES}`;

// biome-ignore format: a table, siblings on a line
export const ESCAPES: Record<string, JsonStyle['escapes']> = {
  kept: ({ raw }) => raw, none: escaping({}),
  ascii: escaping({ ascii: true }), asciiUpper: escaping({ ascii: true, upper: true }), python: escaping({ ascii: true, also: '\\x7f' }),
  php: escaping({ ascii: true, slash: true }), phpUnicode: escaping({ slash: true, also: LINES }),
  lines: escaping({ also: LINES }), slash: escaping({ slash: true }),
  ujson: escaping({ ascii: true, slash: true, also: '\\x7f' }),
  symfony: escaping({ ascii: true, slash: true, upper: 'also', also: "<>&'", quote: true }),
  jackson: escaping({ upper: true }),
  gson: escaping({ also: `<>&='${LINES}` }), go: escaping({ also: GO }),
  goOld: escaping({ also: GO, long: true }), linesOld: escaping({ also: LINES, long: true }),
  goRaw: ({ raw }) => unicode(new RegExp(`[${GO}]`, 'g'))(raw),
  dotnet: escaping({ ascii: true, upper: true, also: "<>&'+`\\x7f", quote: true }),
  dotnetRelaxed: escaping({ upper: true, also: `\\x7f-\\x9f\\ud800-\\udfff${LINES}` }),
  dotnetAll: escaping({ upper: true, also: `<>&'+\`\\x7f-\\x9f\\ud800-\\udfff${LINES}`, quote: true }),
  newtonsoft: escaping({ also: `\\x85${LINES}` }), newtonsoftHtml: escaping({ also: `<>&'\\x85${LINES}`, quote: true }),
  javascriptSerializer: escaping({ also: `<>&'\\x85${LINES}` }),
  jsonSimple: escaping({ slash: true, upper: true, also: '\\x7f-\\x9f\\u2000-\\u20ff' }),
  orgJson: escaping({ closing: true, also: '\\x80-\\x9f\\u2000-\\u20ff' }),
  jq: escaping({ also: '\\x7f' }),
  pythonRepr: ({ value }) => pythonRepr(value), rubyString: ({ value }) => rubyString(value), plain: ({ value }) => value,
  lua: escaping({ slash: true, also: '\\x7f' }),
};

/**
 * What well-known pipelines write, likeliest first. A line is: the name; layout (or a notation that is no
 * JSON), escapes and numbers; the changes of the values, the order, `index` for keys that look like an
 * index first, `newline` for a line feed at the end; and what makes further recipes of it, one word each.
 */
const TABLE = `
JSON.stringify | compact none javascript | index | sorted sortedTop noNulls noEmpty noEmptyStrings noNullsOrEmptyStrings trim htmlValues datesMilli 2 4 tab
Python's json.dumps by default | spaced python python
Python's json.dumps with separators=(',', ':') | compact python python |  | sorted
Python, compact with ensure_ascii=False (FastAPI, httpx) | compact none python |  | sorted
Python's json.dumps with ensure_ascii=False | spaced none python |  | sorted 2 4 2+sorted 4+sorted
PHP's json_encode of an associative array | compact php php | phpArray | slashes unicode unescaped hex fraction unescaped+fraction 4 4+slashes 4+unicode 4+unescaped sorted+index sortedTop+index slashes+sorted+index unescaped+sorted+index unescaped+sortedTop+index precision precision+unescaped
PHP's json_encode of objects, by default | compact php php |  | slashes unicode unescaped hex fraction unescaped+fraction 4 4+slashes 4+unicode 4+unescaped precision
Laravel's TrimStrings and ConvertEmptyStringsToNull, then json_encode | compact php php | trim emptyToNull phpArray | slashes unicode unescaped hex fraction unescaped+fraction 4 4+unescaped sorted+index sortedTop+index
Laravel's TrimStrings, then json_encode | compact php php | trim phpArray | slashes unescaped
JSON.stringify with a list of the sorted keys as its second argument | compact none javascript | topKeysOnly sorted
Flask's jsonify, which adds a line feed | compact python python | sorted newline | noNulls
Flask's jsonify in debug mode | 2 python python | sorted newline
Flask's json.dumps, or Python's json.dumps with sort_keys | spaced python python | sorted
Python's json.dumps with indent=2 | 2 python python |  | sorted
Python's json.dumps with indent=4 | 4 python python |  | sorted
Laravel's ConvertEmptyStringsToNull, then json_encode | compact php php | emptyToNull phpArray | slashes unescaped
json_encode with JSON_NUMERIC_CHECK | compact php php | phpArray numericStrings | slashes unescaped
json_decode with JSON_BIGINT_AS_STRING, then json_encode | compact php phpBigQuoted | phpArray
json_encode with JSON_FORCE_OBJECT | compact php php | forceObject
orjson, or serde_json | compact none ryu |  | sorted 2 2+sorted
Jackson by default | compact jackson java |  | noNulls noEmpty sortedTop javaHashTop sorted+noNulls
Jackson of a TreeMap, or with ORDER_MAP_ENTRIES_BY_KEYS | compact jackson java | sorted
Jackson with ESCAPE_NON_ASCII | compact asciiUpper java
Jackson with BigDecimal | compact jackson kept
Gson's JsonElement.toString(), or a JsonElement with disableHtmlEscaping | compact lines kept |  | noNulls 2 2+noNulls
Gson of a JsonElement | compact gson kept | noNulls | 2
Gson of a JsonElement with serializeNulls | compact gson kept |  | 2
Gson of a Map, every number a double | compact gson javaDouble | noNulls | 2 sorted sortedTop javaHashTop
Gson of a Map with serializeNulls, every number a double | compact gson javaDouble
Gson of a class | compact gson java | noNulls
Gson of a Map with disableHtmlEscaping, or Moshi, every number a double | compact lines javaDouble | noNulls | 2
json-simple | compact jsonSimple java | javaHash
org.json's JSONObject, order kept | compact orgJson android |  | javaHash
Android's JSONObject | compact slash android
fastjson | compact none kept | noNulls javaHash
Go's json.Marshal of a map | compact go go | sorted | old
Go's json.NewEncoder of a map, which adds a line feed | compact go go | sorted newline | old
Go's json.NewEncoder with SetEscapeHTML(false), which adds a line feed | compact lines go | sorted newline | trimmed old old+trimmed
Go's json.Marshal of a struct | compact go go |  | tab noEmpty
Go's json.Marshal of a map with UseNumber | compact go kept | sorted
Go's json.Marshal of a json.RawMessage | compact goRaw kept
Go's json.Marshal of a map of json.RawMessage | compact goRaw kept | sortedTop
Newtonsoft.Json's JObject, dates read | compact newtonsoft dotnet | newtonsoftDates | noNulls 2 2+windows
Newtonsoft.Json, dates left alone | compact newtonsoft dotnet |  | 2 2+windows
Newtonsoft.Json with EscapeNonAscii | compact ascii dotnet | newtonsoftDates
Newtonsoft.Json with EscapeHtml | compact newtonsoftHtml dotnet | newtonsoftDates
System.Text.Json by default | compact dotnet kept |  | noNulls datesTrimmed 2 2+windows
System.Text.Json with UnsafeRelaxedJsonEscaping | compact dotnetRelaxed kept
System.Text.Json with UnicodeRanges.All | compact dotnetAll kept
JavaScriptSerializer, or ConvertTo-Json -Compress of Windows PowerShell | compact javascriptSerializer dotnet
to_json of Rails | compact go ruby |  | noNulls
Ruby's JSON.generate or to_json | compact none ruby
Ruby's JSON.pretty_generate | 2 none ruby
Ruby's JSON.pretty_generate, before json 2.10 | ruby none ruby
jsonb of PostgreSQL through node-postgres | compact none javascript | numeric length index
jsonb::text of PostgreSQL | spaced none kept | numeric length
jsonb of PostgreSQL through psycopg and json.dumps | spaced python python | numeric length
jsonb of PostgreSQL through PHP | compact php php | numeric phpArray length
jsonb of PostgreSQL through Rails | compact go ruby | numeric length
jsonb of PostgreSQL, compact | compact none kept | numeric length
jsonb of PostgreSQL through Jackson | compact jackson java | numeric length
MySQL's JSON | spaced none ryu | length
Django REST framework's JSONRenderer | compact lines python
ujson | compact ujson python
jq -c | compact jq jq | newline | trimmed sorted sorted+trimmed kept kept+trimmed
jq | 2 jq jq | newline | trimmed sorted sorted+trimmed tab 4 sorted+tab kept
jq -ca | compact python jq | newline | trimmed sorted
Perl's JSON::XS with canonical | compact none perl | sorted | pretty ascii
Perl's JSON::PP with canonical | compact none perlWhole | sorted | pretty ascii
Perl's Cpanel::JSON::XS with canonical | compact none perlPoint | sorted | pretty
Python's json.tool | 4 python python | newline
Python's json.dumps with separators=(',', ': ') | colonSpaced python python |  | sorted
Jackson's pretty printer | jackson jackson java |  | windows sorted noNulls
Go's json.MarshalIndent of a map with tabs | tab go go | sorted | old
Go's json.MarshalIndent of a map with two spaces | 2 go go | sorted | old
Go's json.Indent | 2 kept kept
cjson of Lua | compact lua lua
only the whitespace between its parts removed | compact kept kept
Python's str() of the dict | pythonDict pythonRepr pythonText
Python's pprint | pythonPretty none python | sorted
Python's pprint with sort_dicts=False | pythonPretty none python
PHP's print_r | phpPrint none phpText
PHP's var_export | phpExport none phpExport
PHP's serialize | phpSerialize none phpSerialize
PHP's http_build_query | phpQuery none phpText |  | sorted sortedTop decoded sortedTop+decoded trim+emptyToNull percent20 sortedTop+percent20
Python's urlencode of the dict | pythonQuery none pythonText |  | sortedTop decoded sortedTop+decoded
Node's querystring.stringify | nodeQuery none javascript | index
URLSearchParams of the object | searchParams none javascript | index | sortedTop decoded sortedTop+decoded
Ruby's inspect of the Hash | rubyHash rubyString ruby
Ruby's inspect of the Hash, since Ruby 3.4 | rubySpaced rubyString ruby
Java's Map.toString() of Jackson's Map | javaMap plain java |  | javaHashTop sortedTop
Java's Map.toString() of Gson's Map | javaMap plain javaDouble |  | sorted
Elixir's inspect of the map | elixirMap rubyString python | sorted
Go's fmt of a map | goMap plain goText | sorted
`;

const FORMS: Record<string, JsonStyle['numbers']> = NUMBERS;
const STEPS: Record<string, JsonStep> = { ...CHANGES, ...ORDERS };

/** Words of a recipe that are no change of the values and no order. */
// biome-ignore format: a table, a row a line
const WORDS: Record<string, [what: string, apply: (style: JsonStyle) => Partial<JsonStyle>]> = {
  index: [INDEX_KEYS_FIRST.what, () => ({ last: INDEX_KEYS_FIRST })], newline: ['with a line feed', () => ({ finish: (text) => `${text}\n` })],
  trimmed: ['its line feed removed, as $(…) does', () => ({ finish: undefined })], windows: ['on Windows', () => ({ finish: (text) => text.replaceAll('\n', '\r\n') })],
  old: ['before Go 1.22', ({ escapes }) => ({ escapes: ESCAPES[escapes === ESCAPES.go ? 'goOld' : 'linesOld'] })], ascii: ['with ascii', () => ({ escapes: ESCAPES.ascii })],
  pretty: ['with pretty', () => ({ write: LAYOUTS.perl, finish: (text) => `${text}\n` })], 2: ['indented by 2 spaces', () => ({ write: LAYOUTS[2] })],
  4: ['indented by 4 spaces', () => ({ write: LAYOUTS[4] })], tab: ['indented by tabs', () => ({ write: LAYOUTS.tab })], kept: ['numbers kept', () => ({ numbers: NUMBERS.kept })],
  slashes: ['with JSON_UNESCAPED_SLASHES', () => ({ escapes: ESCAPES.ascii })], unicode: ['with JSON_UNESCAPED_UNICODE', () => ({ escapes: ESCAPES.phpUnicode })],
  unescaped: ['with JSON_UNESCAPED_SLASHES and JSON_UNESCAPED_UNICODE', () => ({ escapes: ESCAPES.lines })],
  hex: ["with JSON_HEX_TAG, _AMP, _APOS and _QUOT, as Symfony's JsonResponse", () => ({ escapes: ESCAPES.symfony })],
  fraction: ['with JSON_PRESERVE_ZERO_FRACTION', () => ({ numbers: NUMBERS.phpFraction })], precision: ['with serialize_precision 17', () => ({ numbers: NUMBERS.php17 })],
  decoded: ['decoded again: name=value joined by &', () => ({ finish: decodeForm })], percent20: ['%20 for each space', () => ({ finish: (text) => text.replaceAll('+', '%20') })],
};

function withWord({ name, style }: Recipe, word: string): Recipe {
  const step = STEPS[word];
  if (step === undefined) {
    const [what, apply] = WORDS[word]!;
    return { name: `${name}, ${what}`, style: { ...style, ...apply(style) } };
  }
  const changed = word in ORDERS ? { order: step } : { changes: [...style.changes, step] };
  return { name: `${name}, ${step.what}`, style: { ...style, ...changed } };
}

/** A slip in the table is a TypeError of the module itself, or of its first use. */
function readRecipes(line: string): Recipe[] {
  const [name = '', writes = '', own = '', further = ''] = line.split(' | ');
  const [layout = '', escapes = '', numbers = ''] = writes.split(' ');
  const writers = { write: WRITERS[layout]!, escapes: ESCAPES[escapes]!, numbers: FORMS[numbers]! };
  const split = (list: string, by: string) => list.split(by).filter(Boolean);
  const { style } = split(own, ' ').reduce(withWord, { name, style: { changes: [], ...writers } });
  const recipe = { name, style };
  const made = (words: string) => ({
    ...split(words, '+').reduce(withWord, recipe),
    isRare: /decoded|percent20|\+(?!index$)/.test(words),
  });
  return [recipe, ...split(further, ' ').map(made)];
}

const LINES_READ = TABLE.trim().split('\n').map(readRecipes);
export const RECIPES: readonly Recipe[] = LINES_READ.flat();
/** Those of which a line makes others. */
export const BASES: readonly Recipe[] = LINES_READ.map(([recipe]) => recipe!);
