/** Milliseconds as the seconds of JUnit XML. */
export function xmlSeconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** Text for an attribute or element. Characters that XML 1.0 has no way to write become U+FFFD. */
export function escapeXml(text: string): string {
  return (
    text
      .replace(/[\ud800-\udfff]/gu, '\ufffd')
      // Control characters but tab and line breaks, C1 for the sake of terminals, and the two non-characters.
      .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]/g, '\ufffd')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replace(/[\t\r\n]/g, (character) => `&#${character.charCodeAt(0)};`)
  );
}
