import type { JsonTraits } from './json-tree.ts';
import type { Escapes, JsonStyle } from './json-write.ts';

const COMPACT = { comma: ',', colon: ':' };
const SPACED = { comma: ', ', colon: ': ' };
const JAVASCRIPT: Escapes = {};
const PYTHON: Escapes = { ascii: true, del: true };
const PHP: Escapes = { ascii: true, slash: true };
const JACKSON: Escapes = { upper: true };
const GSON: Escapes = { also: "<>&='", lines: true };
const GO: Escapes = { also: '<>&', lines: true };
const DOTNET: Escapes = { ascii: true, upper: true, also: "<>&'+`", quote: true, del: true };
const NEWTONSOFT: Escapes = { also: '\u0085', lines: true };

export interface NamedStyle {
  name: string;
  style: JsonStyle;
}

const js = (style: Partial<JsonStyle>): JsonStyle => ({
  ...COMPACT,
  escapes: JAVASCRIPT,
  numbers: 'javascript',
  indexKeysFirst: true,
  ...style,
});
const python = (style: Partial<JsonStyle>): JsonStyle => ({
  ...SPACED,
  escapes: PYTHON,
  numbers: 'python',
  ...style,
});
const compact = (style: Partial<JsonStyle>): JsonStyle => ({
  ...COMPACT,
  escapes: JAVASCRIPT,
  numbers: 'python',
  ...style,
});
const jackson = (newline: string): JsonStyle => ({
  comma: ',',
  colon: ' : ',
  indent: '  ',
  newline,
  jackson: true,
  escapes: JACKSON,
  numbers: 'python',
});

/** What well-known serializers write, likeliest first. */
export const NAMED_STYLES: readonly NamedStyle[] = [
  { name: 'JSON.stringify', style: js({}) },
  { name: "Python's json.dumps by default", style: python({}) },
  { name: "Python's json.dumps with separators=(',', ':')", style: python(COMPACT) },
  { name: 'Python, compact with ensure_ascii=False (also httpx and orjson)', style: compact({}) },
  { name: "Python's json.dumps with ensure_ascii=False", style: python({ escapes: JAVASCRIPT }) },
  { name: "PHP's json_encode by default", style: js({ escapes: PHP, indexKeysFirst: false }) },
  {
    name: 'json_encode with JSON_UNESCAPED_SLASHES',
    style: js({ escapes: { ascii: true }, indexKeysFirst: false }),
  },
  {
    name: 'json_encode with JSON_UNESCAPED_UNICODE',
    style: js({ escapes: { slash: true, lines: true }, indexKeysFirst: false }),
  },
  {
    name: 'json_encode with JSON_UNESCAPED_SLASHES and JSON_UNESCAPED_UNICODE',
    style: js({ escapes: { lines: true }, indexKeysFirst: false }),
  },
  {
    name: "PHP's json_encode of an associative array",
    style: js({ escapes: PHP, indexKeysFirst: false, emptyAsArray: true }),
  },
  { name: 'Jackson by default', style: compact({ escapes: JACKSON }) },
  { name: 'Jackson without nulls', style: compact({ escapes: JACKSON, dropNulls: true }) },
  { name: 'Gson by default', style: compact({ escapes: GSON, dropNulls: true }) },
  { name: 'Gson with serializeNulls', style: compact({ escapes: GSON }) },
  { name: "Go's json.Marshal of a map", style: js({ escapes: GO, sort: true, indexKeysFirst: false }) },
  { name: "Go's json.Marshal of a struct", style: compact({ escapes: GO }) },
  { name: 'System.Text.Json by default', style: compact({ escapes: DOTNET, numbers: 'raw' }) },
  {
    name: 'System.Text.Json without nulls',
    style: compact({ escapes: DOTNET, numbers: 'raw', dropNulls: true }),
  },
  { name: 'Newtonsoft.Json by default', style: compact({ escapes: NEWTONSOFT }) },
  { name: "Ruby's to_json", style: compact({ escapes: JAVASCRIPT }) },
  { name: 'to_json of Rails', style: compact({ escapes: { also: '<>&', lines: true } }) },
  { name: "Python's json.dumps with sort_keys", style: python({ sort: true }) },
  { name: "Python's json.dumps, compact with sort_keys", style: python({ ...COMPACT, sort: true }) },
  { name: 'JSON.stringify with sorted keys', style: js({ sort: true, indexKeysFirst: false }) },
  { name: 'JSON.stringify without nulls', style: js({ dropNulls: true }) },
  { name: 'JSON.stringify with an indentation of 2', style: js({ colon: ': ', indent: '  ' }) },
  { name: 'JSON.stringify with an indentation of 4', style: js({ colon: ': ', indent: '    ' }) },
  { name: 'JSON.stringify with tabs', style: js({ colon: ': ', indent: '\t' }) },
  { name: "Python's json.dumps with indent=2", style: python({ comma: ',', indent: '  ' }) },
  { name: "Python's json.dumps with indent=4", style: python({ comma: ',', indent: '    ' }) },
  {
    name: "Python's json.dumps with indent=4 and sort_keys",
    style: python({ comma: ',', indent: '    ', sort: true }),
  },
  {
    name: 'json_encode with JSON_PRETTY_PRINT',
    style: js({ colon: ': ', indent: '    ', escapes: PHP, indexKeysFirst: false }),
  },
  { name: "Jackson's pretty printer", style: jackson('\n') },
  { name: "Jackson's pretty printer on Windows", style: jackson('\r\n') },
  {
    name: "Gson's pretty printer",
    style: compact({ colon: ': ', indent: '  ', escapes: GSON, dropNulls: true }),
  },
  {
    name: 'System.Text.Json, indented',
    style: compact({ colon: ': ', indent: '  ', escapes: DOTNET, numbers: 'raw' }),
  },
  {
    name: 'System.Text.Json, indented, on Windows',
    style: compact({ colon: ': ', indent: '  ', newline: '\r\n', escapes: DOTNET, numbers: 'raw' }),
  },
  {
    name: 'Newtonsoft.Json, indented, on Windows',
    style: compact({ colon: ': ', indent: '  ', newline: '\r\n', escapes: NEWTONSOFT }),
  },
  { name: "Go's json.MarshalIndent with tabs", style: compact({ colon: ': ', indent: '\t', escapes: GO }) },
  { name: "Python's str() of the dict", style: python({ pythonRepr: true }) },
];

const LAYOUTS: [string, Pick<JsonStyle, 'comma' | 'colon' | 'indent' | 'newline'>][] = [
  ['compact', COMPACT],
  ['with a space after , and :', SPACED],
  ['with a space after :', { comma: ',', colon: ': ' }],
  ['with a space after ,', { comma: ', ', colon: ':' }],
  ['indented by 2', { comma: ',', colon: ': ', indent: '  ' }],
  ['indented by 4', { comma: ',', colon: ': ', indent: '    ' }],
  ['indented by a tab', { comma: ',', colon: ': ', indent: '\t' }],
  ['indented by 3', { comma: ',', colon: ': ', indent: '   ' }],
  ['indented by 2 with CR LF', { comma: ',', colon: ': ', indent: '  ', newline: '\r\n' }],
  ['indented by 4 with CR LF', { comma: ',', colon: ': ', indent: '    ', newline: '\r\n' }],
];

const ESCAPES: [string, Escapes | null][] = [
  ['', null],
  ['Unicode not escaped', JAVASCRIPT],
  ['ASCII-escaped', PYTHON],
  ['ASCII-escaped in upper case', { ascii: true, upper: true }],
  ['slashes and Unicode escaped', PHP],
  ['slashes escaped', { slash: true }],
  ['<, > and & escaped', GO],
  ['as Gson escapes', GSON],
  ['as System.Text.Json escapes', DOTNET],
  ['as Newtonsoft.Json escapes', NEWTONSOFT],
];

const NUMBERS: [string, JsonStyle['numbers']][] = [
  ['', 'raw'],
  ['numbers as JavaScript writes them', 'javascript'],
  ['numbers as Python writes them', 'python'],
];

/** Every combination that can make a difference to a text with these traits. */
export function* genericStyles(traits: JsonTraits): Generator<NamedStyle> {
  const escapes = traits.special !== '' || traits.escaped ? ESCAPES : ESCAPES.slice(0, 1);
  const numbers = traits.numbers.length > 0 ? NUMBERS : NUMBERS.slice(0, 1);
  const flags = (there: boolean) => (there ? [false, true] : [false]);
  for (const dropNulls of flags(traits.nulls)) {
    for (const sort of flags(traits.unsorted)) {
      for (const [numberName, number] of numbers) {
        for (const [escapeName, escaping] of escapes) {
          for (const [layoutName, layout] of LAYOUTS) {
            const name = [
              layoutName,
              sort ? 'keys sorted' : '',
              dropNulls ? 'nulls dropped' : '',
              escapeName,
              numberName,
            ];
            yield {
              name: name.filter(Boolean).join(', '),
              style: { ...layout, escapes: escaping, numbers: number, sort, dropNulls },
            };
          }
        }
      }
    }
  }
}
