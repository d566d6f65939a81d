// A terminal's text with colours, as an SVG: one <text> for each line, one <tspan> for each run of one style.

/** Others are drawn as one where there are several. */
const NO_BREAK_SPACE = '\u00a0';
const CELL = { width: 8.4, height: 18 };
const PAPER = '#16181d';
const INK = '#d6d9de';
const COLORS = ['#5b606b', '#e5646a', '#86c06c', '#d9b25f', '#6ea3e6', '#c08ae0', '#5fbcc4', '#d6d9de'];
const BRIGHT = ['#7d8390', '#f2868b', '#a3d98a', '#efcd80', '#8fbcf5', '#d5a8f0', '#7fd6dd', '#ffffff'];

/**
 * @param text lines with SGR escapes, as `tmux capture-pane -e` and `--color always` give them.
 * @param title what a screen reader reads.
 */
export function renderTerminal(text, { title, columns }) {
  let style = {};
  const lines = text
    .replace(/\n+$/, '')
    .split('\n')
    .flatMap((line) => wrapLine(line, columns))
    .map((line) => {
      const read = readRuns(line, style);
      style = read.style;
      return read.runs;
    });
  const width = Math.ceil(columns * CELL.width + 32);
  const height = lines.length * CELL.height + 28;
  const body = lines.map((runs, index) => renderLine(runs, index)).join('\n');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">
<title>${escapeText(title)}</title>
<rect width="${width}" height="${height}" rx="8" fill="${PAPER}"/>
<g font-family="ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14" fill="${INK}">
${body}
</g>
</svg>
`;
}

function renderLine(runs, index) {
  const y = index * CELL.height + 28;
  let column = 0;
  const behind = [];
  const spans = [];
  for (const { text, style } of runs) {
    const x = (16 + column * CELL.width).toFixed(1);
    const cells = [...text].length;
    const length = (cells * CELL.width).toFixed(1);
    const [front, back] = style.inverse
      ? [style.back ?? PAPER, style.front ?? INK]
      : [style.front, style.back];
    if (back !== undefined)
      behind.push(`<rect x="${x}" y="${y - 14}" width="${length}" height="${CELL.height}" fill="${back}"/>`);
    const looks = [
      front && `fill="${front}"`,
      style.bold && 'font-weight="bold"',
      style.dim && 'opacity=".65"',
    ];
    // The length holds the columns, whatever font there is.
    if (text.trim() !== '')
      spans.push(
        `<tspan ${[`x="${x}"`, `textLength="${length}"`, ...looks].filter(Boolean).join(' ')}>${escapeText(text).replaceAll(' ', NO_BREAK_SPACE)}</tspan>`,
      );
    column += cells;
  }
  const drawn = spans.length === 0 ? '' : `<text y="${y}">${spans.join('')}</text>`;
  return [...behind, drawn].filter(Boolean).join('\n');
}

/** Breaks a line at spaces where it is too long, and indents what follows as the line itself is. */
function wrapLine(line, columns) {
  const seen = (text) => [...text.replace(/\x1b\[[0-9;]*m/g, '')].length;
  if (seen(line) <= columns) return [line];
  const indent = /^ */.exec(line)[0];
  const lines = [];
  let kept = '';
  for (const word of line.slice(indent.length).split(' ')) {
    const longer = kept === '' ? indent + word : `${kept} ${word}`;
    if (kept !== '' && seen(longer) > columns) lines.push(kept);
    kept = kept !== '' && seen(longer) > columns ? indent + word : longer;
  }
  return [...lines, kept];
}

/** Runs of one style in a line, and the style at its end, which goes on in the next. */
function readRuns(line, before) {
  let style = before;
  const runs = [];
  let at = 0;
  for (const found of line.matchAll(/\x1b\[([0-9;]*)m/g)) {
    if (found.index > at) runs.push({ text: line.slice(at, found.index), style });
    style = applyCodes(style, found[1] === '' ? [0] : found[1].split(';').map(Number));
    at = found.index + found[0].length;
  }
  if (at < line.length) runs.push({ text: line.slice(at), style });
  return { runs, style };
}

function applyCodes(before, codes) {
  let style = { ...before };
  for (const code of codes) {
    if (code === 0) style = {};
    else if (code === 1) style.bold = true;
    else if (code === 2) style.dim = true;
    else if (code === 7) style.inverse = true;
    else if (code === 22) style = { ...style, bold: false, dim: false };
    else if (code === 27) style.inverse = false;
    else if (code >= 30 && code <= 37) style.front = COLORS[code - 30];
    else if (code === 39) style.front = undefined;
    else if (code >= 40 && code <= 47) style.back = COLORS[code - 40];
    else if (code === 49) style.back = undefined;
    else if (code >= 90 && code <= 97) style.front = BRIGHT[code - 90];
  }
  return style;
}

function escapeText(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
