// Strings are matched so that nothing inside of them is. What does not end is left for JSON to refuse.
const COMMENT = /"(?:\\.|[^"\\\n])*"?|\/\/.*|\/\*[\s\S]*?(?:\*\/|$)/g;
const LAST_COMMA = /"(?:\\.|[^"\\\n])*"?|,(?=\s*[}\]])(?<![[{,]\s*,)/g;

/**
 * The value of a config file's text: JSON, in which comments and a comma after the last member may stand.
 * A text is read at each start, so this takes no parser; where it goes wrong, `findJsonProblem` says why.
 *
 * @throws SyntaxError when it is neither.
 */
export function parseConfigText(text: string): unknown {
  return JSON.parse(blank(blank(text, COMMENT), LAST_COMMA));
}

/** Spaces instead, so that everything else stays where it was. */
function blank(text: string, pattern: RegExp): string {
  return text.replace(pattern, (found) => {
    const isKept = found.startsWith('"') || (found.startsWith('/*') && !/^..[\s\S]*\*\/$/.test(found));
    return isKept ? found : found.replace(/[^\n]/g, ' ');
  });
}
