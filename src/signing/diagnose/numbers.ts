/** Numbers as languages write them after they were read as floating point. */

/** As JavaScript: `1.0` → `1`, `1e2` → `100`. PHP, and Go where it has no struct, mostly agree. */
export function javascriptNumber(raw: string): string {
  const value = Number(raw);
  return Number.isFinite(value) ? String(Object.is(value, -0) ? 0 : value) : 'null';
}

/** As Python: integers stay, `1.50` → `1.5`, `1e2` → `100.0`. Java, C# and Ruby mostly agree. */
export function pythonNumber(raw: string): string {
  if (!/[.eE]/.test(raw)) return raw === '-0' ? '0' : raw;
  const value = Number(raw);
  if (!Number.isFinite(value)) return value < 0 ? '-Infinity' : 'Infinity';
  if (Object.is(value, -0)) return '-0.0';
  if (value === 0) return '0.0';
  const [digits, power] = value.toExponential().split('e') as [string, string];
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 16) {
    const text = plainDecimal(digits, exponent);
    return text.includes('.') ? text : `${text}.0`;
  }
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${digits}e${exponent < 0 ? '-' : '+'}${size}`;
}

function plainDecimal(digits: string, exponent: number): string {
  const sign = digits.startsWith('-') ? '-' : '';
  const all = digits.replace(/[-.]/g, '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${all}`;
  if (all.length <= exponent + 1) return sign + all.padEnd(exponent + 1, '0');
  return `${sign}${all.slice(0, exponent + 1)}.${all.slice(exponent + 1)}`;
}
