import { CHANGES, type ChangeName } from './json-changes.ts';
import { ORDERS, type OrderName } from './json-orders.ts';
import type { Escapes, JsonStyle, Layout } from './json-write.ts';
import * as notations from './notations.ts';
import { NUMBERS, type NumberName } from './numbers.ts';

const NOTATIONS: Readonly<Record<string, JsonStyle['notation']>> = { ...notations };

/** A pipeline that exists in the world. */
export interface Recipe {
  readonly name: string;
  style: JsonStyle;
}

const indented = (indent: string): Layout => ({ comma: ',', colon: ': ', indent });

export const LAYOUTS: Record<string, Layout> = {
  compact: { comma: ',', colon: ':' },
  spaced: { comma: ', ', colon: ': ' },
  2: indented('  '),
  4: indented('    '),
  tab: indented('\t'),
  jackson: { ...indented('  '), colon: ' : ', inlineLists: true, empty: ['[ ]', '{ }'] },
  perl: { ...indented('   '), colon: ' : ' },
  ruby: { ...indented('  '), empty: ['[\n*]', '{*}'] },
  colonSpaced: { comma: ',', colon: ': ' },
  commaSpaced: { comma: ', ', colon: ':' },
  1: indented(' '),
  3: indented('   '),
};

const LINES = '\\u2028\\u2029';
const GO = `<>&${LINES}`;

export const ESCAPES: Record<string, Escapes | null> = {
  kept: null,
  none: {},
  ascii: { ascii: true },
  asciiUpper: { ascii: true, upper: true },
  python: { ascii: true, also: '\\x7f' },
  php: { ascii: true, slash: true },
  phpUnicode: { slash: true, also: LINES },
  lines: { also: LINES },
  slash: { slash: true },
  ujson: { ascii: true, slash: true, also: '\\x7f' },
  symfony: { ascii: true, slash: true, upper: 'also', also: "<>&'", quote: true },
  jackson: { upper: true },
  gson: { also: `<>&='${LINES}` },
  go: { also: GO },
  goOld: { also: GO, long: true },
  goPlainOld: { also: LINES, long: true },
  goRaw: { also: GO, asWritten: true },
  dotnet: { ascii: true, upper: true, also: "<>&'+`\\x7f", quote: true },
  dotnetRelaxed: { upper: true, also: `\\x7f-\\x9f\\ud800-\\udfff${LINES}` },
  dotnetAll: { upper: true, also: `<>&'+\`\\x7f-\\x9f\\ud800-\\udfff${LINES}`, quote: true },
  newtonsoft: { also: `\\x85${LINES}` },
  newtonsoftHtml: { also: `<>&'\\x85${LINES}`, quote: true },
  javascriptSerializer: { also: `<>&'\\x85${LINES}` },
  jsonSimple: { slash: true, upper: true, also: '\\x7f-\\x9f\\u2000-\\u20ff' },
  orgJson: { closing: true, also: '\\x80-\\x9f\\u2000-\\u20ff' },
  jq: { also: '\\x7f' },
  lua: { slash: true, also: '\\x7f' },
};

/**
 * What well-known pipelines write, likeliest first. A line is: the name; layout (or a notation that is no
 * JSON), escapes and numbers; the changes of the values, the order, `index` for keys that look like an
 * index first, `newline` for a line feed at the end; and what makes further recipes of it, one word each.
 */
const TABLE = `
JSON.stringify | compact none javascript | index | sorted sortedTop noNulls noEmpty noEmptyStrings noNullsOrEmptyStrings trim htmlValues datesMilli
Python's json.dumps by default | spaced python python
Python's json.dumps with separators=(',', ':') | compact python python |  | sorted
Python, compact with ensure_ascii=False (FastAPI, httpx) | compact none python |  | sorted
Python's json.dumps with ensure_ascii=False | spaced none python |  | sorted
PHP's json_encode of an associative array | compact php php | phpArray
PHP's json_encode of objects, by default | compact php php
Laravel's TrimStrings and ConvertEmptyStringsToNull, then json_encode | compact php php | trim emptyToNull phpArray
Laravel's TrimStrings, then json_encode | compact php php | trim phpArray
JSON.stringify with a list of the sorted keys as its second argument | compact none javascript | topKeysOnly sorted
JSON.stringify with an indentation of 2 | 2 none javascript | index
JSON.stringify with an indentation of 4 | 4 none javascript | index
JSON.stringify with tabs | tab none javascript | index
Flask's jsonify, which adds a line feed | compact python python | sorted newline
Flask's jsonify in debug mode | 2 python python | sorted newline
Flask's json.dumps, or Python's json.dumps with sort_keys | spaced python python | sorted
Python's json.dumps with indent=2 | 2 python python |  | sorted
Python's json.dumps with indent=4 | 4 python python |  | sorted
Python's json.dumps with indent=2 and ensure_ascii=False | 2 none python |  | sorted
Python's json.dumps with indent=4 and ensure_ascii=False | 4 none python |  | sorted
Laravel's ConvertEmptyStringsToNull, then json_encode | compact php php | emptyToNull phpArray
json_encode with JSON_UNESCAPED_SLASHES | compact ascii php | phpArray | objects
json_encode with JSON_UNESCAPED_UNICODE | compact phpUnicode php | phpArray | objects
json_encode with JSON_UNESCAPED_SLASHES and JSON_UNESCAPED_UNICODE | compact lines php | phpArray | objects sorted+index
Symfony's JsonResponse, or json_encode with JSON_HEX_TAG, _AMP, _APOS and _QUOT | compact symfony php | phpArray | objects
json_encode with serialize_precision 17 | compact php php17 | phpArray | objects
json_encode with JSON_PRESERVE_ZERO_FRACTION | compact php phpFraction | phpArray | objects
json_encode with JSON_NUMERIC_CHECK | compact php php | phpArray numericStrings
json_decode with JSON_BIGINT_AS_STRING, then json_encode | compact php phpBigQuoted | phpArray
json_encode with JSON_FORCE_OBJECT | compact php php | forceObject
json_encode after PHP's ksort | compact php php | phpArray sorted index
json_encode after PHP's ksort of the top level | compact php php | phpArray sortedTop index
json_encode with JSON_PRETTY_PRINT | 4 php php | phpArray | objects
json_encode with JSON_PRETTY_PRINT, JSON_UNESCAPED_SLASHES and JSON_UNESCAPED_UNICODE | 4 lines php | phpArray
orjson | compact none ryu |  | sorted
Jackson by default | compact jackson java |  | noNulls sortedTop javaHashTop
Jackson of a TreeMap, or with ORDER_MAP_ENTRIES_BY_KEYS | compact jackson java | sorted
Jackson with ESCAPE_NON_ASCII | compact asciiUpper java
Jackson with BigDecimal | compact jackson kept
Gson's JsonElement.toString() | compact lines kept
Gson of a JsonElement | compact gson kept | noNulls
Gson of a JsonElement with serializeNulls | compact gson kept
Gson of a Map, every number a double | compact gson javaDouble | noNulls
Gson of a Map with serializeNulls, every number a double | compact gson javaDouble
Gson of a class | compact gson java | noNulls
Gson of a Map with disableHtmlEscaping, or Moshi, every number a double | compact lines javaDouble | noNulls
Gson of a JsonElement with disableHtmlEscaping | compact lines kept | noNulls
json-simple | compact jsonSimple java | javaHash
org.json's JSONObject, order kept | compact orgJson android |  | javaHash
Android's JSONObject | compact slash android
fastjson | compact none kept | noNulls javaHash
Go's json.Marshal of a map | compact go go | sorted
Go's json.Marshal of a map, before Go 1.22 | compact goOld go | sorted
Go's json.NewEncoder of a map, which adds a line feed | compact go go | sorted newline
Go's json.NewEncoder with SetEscapeHTML(false), which adds a line feed | compact lines go | sorted newline | trimmed
Go's json.Marshal of a struct | compact go go
Go's json.Marshal of a map with UseNumber | compact go kept | sorted
Go's json.Marshal of a json.RawMessage | compact goRaw kept
Go's json.Marshal of a map of json.RawMessage | compact goRaw kept | sortedTop
Newtonsoft.Json's JObject with Formatting.None, dates read | compact newtonsoft dotnet | newtonsoftDates | noNulls
Newtonsoft.Json, dates left alone | compact newtonsoft dotnet
Newtonsoft.Json's JObject.ToString(), dates read | 2 newtonsoft dotnet | newtonsoftDates | windows
Newtonsoft.Json, indented | 2 newtonsoft dotnet |  | windows
Newtonsoft.Json with EscapeNonAscii | compact ascii dotnet | newtonsoftDates
Newtonsoft.Json with EscapeHtml | compact newtonsoftHtml dotnet | newtonsoftDates
System.Text.Json by default | compact dotnet kept |  | noNulls
System.Text.Json with UnsafeRelaxedJsonEscaping | compact dotnetRelaxed kept
System.Text.Json with UnicodeRanges.All | compact dotnetAll kept
System.Text.Json of a class with DateTime | compact dotnet kept | datesTrimmed
System.Text.Json, indented | 2 dotnet kept |  | windows
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
orjson with OPT_SORT_KEYS, or serde_json | compact none ryu | sorted
Django REST framework's JSONRenderer | compact lines python
ujson | compact ujson python
jq -c | compact jq jq | newline | trimmed
jq | 2 jq jq | newline | trimmed
jq -S | 2 jq jq | sorted newline | trimmed
jq -cS | compact jq jq | sorted newline | trimmed
jq -ca | compact python jq | newline | trimmed
jq --tab | tab jq jq | newline
jq 1.7 or later -c, numbers kept | compact jq kept | newline | trimmed
jq 1.7 or later, numbers kept | 2 jq kept | newline
Perl's JSON::XS with canonical | compact none perl | sorted
Perl's JSON::PP with canonical | compact none perlWhole | sorted
Perl's JSON::XS with ascii and canonical | compact ascii perl | sorted
Perl's JSON::PP with ascii and canonical | compact ascii perlWhole | sorted
Perl's Cpanel::JSON::XS with canonical | compact none perlPoint | sorted
Perl's JSON::XS with pretty and canonical | perl none perl | sorted newline
Perl's JSON::PP with pretty and canonical | perl none perlWhole | sorted newline
Perl's Cpanel::JSON::XS with pretty and canonical | perl none perlPoint | sorted newline
orjson with OPT_INDENT_2 | 2 none ryu |  | sorted
Python's json.tool | 4 python python | newline
Jackson's pretty printer | jackson jackson java |  | windows
Gson's pretty printer | 2 gson kept | noNulls
Gson's pretty printer of a Map, every number a double | 2 gson javaDouble | noNulls
Go's json.MarshalIndent of a map with tabs | tab go go | sorted
Go's json.MarshalIndent of a map with two spaces | 2 go go | sorted
Go's json.MarshalIndent of a struct with tabs | tab go go
Go's json.Indent | 2 kept kept
cjson of Lua | compact lua lua
only the whitespace between its parts removed | compact kept kept
Python's str() of the dict | pythonValue none python
Python's pprint | pythonPretty none python | sorted
Python's pprint with sort_dicts=False | pythonPretty none python
PHP's print_r | phpPrint none phpText
PHP's var_export | phpExport none phpExport
PHP's serialize | phpSerialize none phpSerialize
PHP's http_build_query | phpQuery none phpText
Python's urlencode of the dict | pythonQuery none python
Node's querystring.stringify | nodeQuery none javascript | index
URLSearchParams of the object | searchParams none javascript | index
Ruby's inspect of the Hash | rubyInspect none ruby
Ruby's inspect of the Hash, since Ruby 3.4 | rubyInspectSpaced none ruby
Java's Map.toString() of Jackson's Map | javaMap none java
Java's Map.toString() of Gson's Map | javaMap none javaDouble
Go's fmt of a map | goMap none goText | sorted
Go's json.NewEncoder of a map, before Go 1.22 | compact goOld go | sorted newline
Go's json.NewEncoder with SetEscapeHTML(false), before Go 1.22 | compact goPlainOld go | sorted newline | trimmed
Go's json.MarshalIndent with tabs, before Go 1.22 | tab goOld go | sorted
Go's json.MarshalIndent with two spaces, before Go 1.22 | 2 goOld go | sorted
`;

/** Words of a recipe that are no change of the values and no order. */
const WORDS: Record<string, { what: string; apply(style: JsonStyle): Partial<JsonStyle> }> = {
  index: { what: 'keys like an index first', apply: () => ({ indexKeysFirst: true }) },
  newline: { what: 'with a line feed', apply: () => ({ end: '\n' }) },
  trimmed: { what: 'its line feed removed, as $(…) does', apply: () => ({ end: undefined }) },
  windows: { what: 'on Windows', apply: ({ layout }) => ({ layout: { ...layout, newline: '\r\n' } }) },
  objects: {
    what: 'of objects',
    apply: ({ changes }) => ({ changes: changes.filter((name) => name !== 'phpArray') }),
  },
};

/** @throws TypeError for a word that is not known: a slip in the table. */
function withWord({ name, style }: Recipe, word: string): Recipe {
  const changed = (what: string, change: Partial<JsonStyle>) => ({
    name: `${name}, ${what}`,
    style: { ...style, ...change },
  });
  if (word in CHANGES) {
    const change = word as ChangeName;
    return changed(CHANGES[change].what, { changes: [...style.changes, change] });
  }
  if (word in ORDERS) return changed(ORDERS[word as OrderName].what, { order: word as OrderName });
  const other = WORDS[word];
  if (other === undefined) throw new TypeError(`a recipe with an unknown word: ${name}, ${word}`);
  return changed(other.what, other.apply(style));
}

function readRecipes(line: string): Recipe[] {
  const [name = '', writes = '', words = '', further = ''] = line.split(' | ');
  const [layout = '', escapes = '', numbers = ''] = writes.split(' ');
  const notation = NOTATIONS[layout];
  const isKnown =
    (notation ?? LAYOUTS[layout]) && escapes in ESCAPES && (numbers === 'kept' || numbers in NUMBERS);
  if (!isKnown) throw new TypeError(`a recipe of unknown parts: ${line}`);
  const style: JsonStyle = {
    changes: [],
    layout: LAYOUTS[layout] ?? LAYOUTS.compact!,
    escapes: ESCAPES[escapes]!,
    numbers: numbers === 'kept' ? null : (numbers as NumberName),
    notation,
  };
  const own = { name, style: words.split(' ').filter(Boolean).reduce(withWord, { name, style }).style };
  const more = further.split(' ').filter(Boolean);
  return [own, ...more.map((one) => one.split('+').reduce(withWord, own))];
}

export const RECIPES: readonly Recipe[] = TABLE.trim().split('\n').flatMap(readRecipes);
