/** How a language writes a number that it read as floating point. All of it is where the exponent starts, and how it looks. */
interface NumberForm {
  /** Whole numbers: kept as written, kept as far as they fit 64 bits, or read as floating point as well. */
  whole: 'kept' | 'int64' | 'uint64' | 'float';
  /** Smallest and largest power of ten that is still written without an exponent. */
  from: number;
  to: number;
  /** `87.0` and `1.0e+20`, where others write `87` and `1e+20`. */
  point?: boolean;
  mantissa?: boolean;
  /** What stands before the digits of a positive exponent and of a negative one, and how many digits it has at least. */
  e: readonly [positive: string, negative: string];
  pad?: number;
  /** Significant digits; as many as are needed to read the same number again by default. */
  digits?: number;
  /** As many as these beyond the digits that there are before an exponent is used: jq's rule. */
  beyond?: number;
  /** Floating point that is whole and fits 64 bits as a whole number; whole numbers beyond 64 bits in quotes. */
  wholeAsInteger?: boolean;
  bigQuoted?: boolean;
  minusZero?: '0' | '-0' | '-0.0';
  /** Beyond all floating point; `null` by default. */
  infinity?: 'Infinity' | 'inf';
}

const LOWER = ['e+', 'e-'] as const;
const UPPER = ['E+', 'E-'] as const;
/** What `%g` of C does, by way of which many write. */
const C = { from: -4, e: LOWER, pad: 2 } as const;
const PYTHON = { ...C, whole: 'kept', to: 15, point: true, minusZero: '-0.0' } as const;
const PHP = { whole: 'int64', from: -4, to: 16, mantissa: true, e: LOWER, minusZero: '-0.0' } as const;
const JAVA = { whole: 'kept', from: -3, to: 6, mantissa: true, e: ['E', 'E-'] } as const;
const DOUBLE = { ...JAVA, point: true, minusZero: '-0.0' } as const;
const PERL = { ...C, whole: 'kept', to: 14, digits: 15, bigQuoted: true, infinity: 'inf' } as const;

const written = (form: NumberForm) => (raw: string) => writeNumber(raw, form);

/** Writers of numbers in JSON. */
// biome-ignore format: a table, siblings on a line
export const NUMBERS = {
  kept: (raw: string) => raw,
  javascript: written({ whole: 'float', from: -6, to: 20, e: LOWER }),
  go: written({ whole: 'float', from: -6, to: 20, e: LOWER, minusZero: '-0' }), goText: written({ ...C, whole: 'float', to: 5, minusZero: '-0' }),
  python: written({ ...PYTHON, infinity: 'Infinity' }), pythonText: written({ ...PYTHON, infinity: 'inf' }),
  ruby: written({ ...PYTHON, to: 14, mantissa: true, infinity: 'Infinity' }),
  ryu: written({ whole: 'uint64', from: -5, to: 15, point: true, e: ['e', 'e-'], minusZero: '-0.0' }),
  php: written(PHP), phpFraction: written({ ...PHP, point: true }), php17: written({ ...PHP, digits: 17 }),
  phpBigQuoted: written({ ...PHP, minusZero: '0', bigQuoted: true }),
  phpText: written({ ...PHP, to: 14, e: UPPER, minusZero: '0', digits: 14 }),
  phpExport: written({ ...PHP, point: true, e: UPPER, minusZero: '0' }), phpSerialize: written({ ...PHP, e: UPPER, minusZero: '-0' }),
  java: written({ ...DOUBLE, infinity: 'Infinity' }), javaDouble: written({ ...DOUBLE, whole: 'float' }),
  android: written({ ...JAVA, whole: 'int64', wholeAsInteger: true }),
  dotnet: written({ ...PYTHON, to: 14, e: UPPER, infinity: 'Infinity' }),
  perl: written(PERL), perlWhole: written({ ...PERL, wholeAsInteger: true }), perlPoint: written({ ...PERL, point: true }),
  lua: written({ ...C, whole: 'float', to: 13, digits: 14 }),
  jq: written({ ...C, whole: 'float', to: 0, beyond: 15, digits: 17, minusZero: '-0' }),
};

/** Whole numbers of a usual size are written alike by nearly all. */
const USUAL = /^-?[1-9][0-9]{0,14}$/;

/** So are plain decimals, unless all 17 digits are written. */
const PLAIN = /^-?(?:0\.(?=[1-9])|[1-9][0-9]{0,5}\.)[0-9]{0,6}[1-9]$/;

/** A number of JSON as `form` writes it. */
function writeNumber(raw: string, form: NumberForm): string {
  if (PLAIN.test(raw) && (form.digits !== 17 || form.beyond !== undefined)) return raw;
  const isFloat = form.whole === 'float';
  const most = isFloat && form.beyond === undefined ? form.to + 1 : Number.POSITIVE_INFINITY;
  if (USUAL.test(raw) && raw.replace('-', '').length <= most) return isFloat && form.point ? `${raw}.0` : raw;
  if (!isFloat && !/[.eE]/.test(raw)) {
    const exact = raw.length > 18 ? BigInt(raw) : 0n;
    const fits = BigInt.asIntN(64, exact) === exact;
    const big = !fits && (form.whole === 'int64' || BigInt.asUintN(64, exact) !== exact);
    if (big && form.bigQuoted) return `"${raw}"`;
    if (form.whole === 'kept' || !big) return raw === '-0' ? '0' : raw;
  }
  const value = Number(raw);
  if (!Number.isFinite(value))
    return form.infinity === undefined ? 'null' : (value < 0 ? '-' : '') + form.infinity;
  if (value === 0) return Object.is(value, -0) ? (form.minusZero ?? '0') : form.point ? '0.0' : '0';
  if (form.wholeAsInteger && Number.isInteger(value) && Math.abs(value) < 2 ** 63)
    return String(BigInt(value));
  const shortest =
    form.digits === undefined || form.beyond !== undefined
      ? value.toExponential()
      : value.toExponential(form.digits - 1).replace(/\.?0+e/, 'e');
  const [digits, power] = shortest.split('e') as [string, string];
  const exponent = Number(power);
  const count = digits.replace(/[-.]/g, '').length;
  const to = form.beyond === undefined ? form.to : count + form.beyond - 1;
  if (exponent >= form.from && exponent <= to) {
    const text = expandNumber(shortest);
    return form.point && !text.includes('.') ? `${text}.0` : text;
  }
  const size = String(Math.abs(exponent)).padStart(form.pad ?? 1, '0');
  const point = form.mantissa && !digits.includes('.') ? '.0' : '';
  return `${digits}${point}${form.e[exponent < 0 ? 1 : 0]}${size}`;
}

/** Without an exponent, every digit kept: PostgreSQL's numeric. */
export function expandNumber(raw: string): string {
  const [, sign = '', whole = '', fraction = '', power] =
    /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(raw) ?? [];
  if (whole === '' || Math.abs(Number(power ?? 0)) > 400) return raw;
  const all = whole + fraction;
  const point = whole.length + Number(power ?? 0);
  const left = point > 0 ? all.slice(0, point).padEnd(point, '0') : '0';
  const right = point > 0 ? all.slice(point) : '0'.repeat(-point) + all;
  const text = left.replace(/^0+(?=[0-9])/, '') + (right === '' ? '' : `.${right}`);
  return /[1-9]/.test(text) ? sign + text : text;
}
