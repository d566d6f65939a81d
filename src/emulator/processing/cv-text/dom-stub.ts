/**
 * pdf.js makes a DOMMatrix when it is loaded and complains where the classes for drawing are missing. To
 * read text it needs none of them. Imported in front of it.
 */
class Stub {}
const names = globalThis as Record<string, unknown>;
for (const name of ['DOMMatrix', 'ImageData', 'Path2D']) names[name] ??= Stub;
