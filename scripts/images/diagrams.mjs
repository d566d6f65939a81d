// The diagrams that are drawn, not captured. They have a background of their own, for dark pages.

const FONT = `font-family="system-ui,-apple-system,'Segoe UI',Helvetica,Arial,'DejaVu Sans',sans-serif"`;
const INK = '#1f2430';
const SOFT = '#5a6373';
const IN = '#1f6feb';
const OUT = '#1a7f37';

/** Both directions, and which secret signs which. */
export function renderLoop() {
  const box = (x, title, ...lines) =>
    `<rect x="${x}" y="50" width="180" height="190" rx="10" fill="#f4f6f9" stroke="#c9d0da"/>
<text x="${x + 90}" y="80" font-size="17" font-weight="bold" text-anchor="middle" fill="${INK}">${title}</text>
${lines.map((line, index) => `<text x="${x + 90}" y="${104 + index * 19}" font-size="13" text-anchor="middle" fill="${SOFT}">${line}</text>`).join('\n')}`;
  const arrow = (y, from, to, color, title, secret) => {
    const tip = to > from ? to - 9 : to + 9;
    return `<path d="M${from} ${y}H${tip}" stroke="${color}" stroke-width="2.5" fill="none"/>
<path d="M${to} ${y}l${to > from ? -11 : 11} -6v12z" fill="${color}"/>
<text x="360" y="${y - 11}" font-size="14" font-weight="bold" text-anchor="middle" fill="${color}">${title}</text>
<text x="360" y="${y + 20}" font-size="13" text-anchor="middle" fill="${SOFT}">${secret}</text>`;
  };
  const title =
    'Your ATS posts an event to CarvOS, signed with the incoming secret, and gets a 202. The AI works on it. CarvOS posts a webhook to your receiver, signed with the outgoing secret, up to five times until it answers 2xx.';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 30 720 262" role="img" ${FONT}>
<title>${title}</title>
<rect y="30" width="720" height="262" rx="8" fill="#fff"/>
${box(20, 'Your ATS')}
${box(520, 'CarvOS', 'carvos on your machine')}
<text x="110" y="129" font-size="13" text-anchor="middle" fill="${SOFT}">sends events</text>
<text x="110" y="209" font-size="13" text-anchor="middle" fill="${SOFT}">your receiver verifies</text>
<text x="610" y="150" font-size="13" text-anchor="middle" fill="${SOFT}">verifies, answers 202</text>
<text x="610" y="173" font-size="13" text-anchor="middle" fill="${SOFT}">↓ AI works ↓</text>
<text x="610" y="209" font-size="13" text-anchor="middle" fill="${SOFT}">signs, delivers, retries</text>
${arrow(125, 200, 520, IN, 'incoming: event', 'signed with the incoming secret')}
${arrow(205, 520, 200, OUT, 'outgoing: webhook', 'signed with the outgoing secret')}
<text x="360" y="272" font-size="13" text-anchor="middle" fill="${SOFT}">Your receiver answers 2xx within 5 seconds, or the webhook comes again: five attempts.</text>
</svg>
`;
}

/** The attempts in production and at a speed, one row each. @param delays as the gateway prints them. */
export function renderTimeline({ production, fast, speed }) {
  const xs = [150, 235, 345, 480, 660];
  const row = (y, name, delays, color) => {
    const gaps = delays.map(
      (delay, index) =>
        `<text x="${(xs[index] + xs[index + 1]) / 2}" y="${y - 12}" font-size="13" text-anchor="middle" fill="${SOFT}">${delay}</text>`,
    );
    const dots = xs.map(
      (x, index) => `<circle cx="${x}" cy="${y}" r="12" fill="${color}"/>
<text x="${x}" y="${y + 4.5}" font-size="13" text-anchor="middle" fill="#fff">${index + 1}</text>`,
    );
    return `<text x="20" y="${y + 5}" font-size="14" font-weight="bold" fill="${INK}">${name}</text>
<path d="M${xs[0]} ${y}H${xs.at(-1)}" stroke="#c9d0da" stroke-width="3"/>
${[...gaps, ...dots].join('\n')}`;
  };
  const title = `Retry schedule. In production attempts 2 to 5 follow after ${production.join(', ')}; at speed ${speed} after ${fast.join(', ')}.`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 190" role="img" ${FONT}>
<title>${title}</title>
<rect width="720" height="190" rx="8" fill="#fff"/>
${row(50, 'Production', production, '#57606a')}
${row(115, `Speed ${speed}`, fast, IN)}
<text x="20" y="165" font-size="13" fill="${SOFT}">Each delay counts from the end of the attempt before. After the fifth, the delivery is exhausted.</text>
</svg>
`;
}
