import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** What the package exports, as it ships: all that leads there is in one file, and nothing else need be read. */
const ENTRIES = ['dist/index.d.ts', 'dist/signing.d.ts'].map((file) => join(ROOT, file));
const lib = ['lib.es2022.d.ts', 'lib.esnext.disposable.d.ts'];
const program = ts.createProgram(ENTRIES, { noResolve: true, types: [], lib });
const checker = program.getTypeChecker();

function exportsOf(entry: string): ts.Symbol[] {
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry)!)!;
  return checker
    .getExportsOfModule(module)
    .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol));
}

const commentOf = (symbol: ts.Symbol) => ts.displayPartsToString(symbol.getDocumentationComment(checker));

/** Functions that an object of ours offers, such as `Emulator.send`. */
function methodsOf(symbol: ts.Symbol): ts.Symbol[] {
  const type = checker.getDeclaredTypeOfSymbol(symbol);
  if ((symbol.flags & ts.SymbolFlags.Interface) === 0) return [];
  return checker
    .getPropertiesOfType(type)
    .filter((member) =>
      member.declarations?.some((one) => one.getSourceFile().fileName.startsWith(join(ROOT, 'dist'))),
    )
    .filter((member) => checker.getTypeOfSymbol(member).getCallSignatures().length > 0);
}

describe.each(ENTRIES.map((entry) => [entry.slice(ROOT.length + 1), entry]))('%s', (_name, entry) => {
  test('says of everything it exports what it is', () => {
    const symbols = exportsOf(entry);
    expect(symbols.map((one) => one.name)).toContain(entry.includes('signing') ? 'sign' : 'startEmulator');
    const silent = symbols.filter((symbol) => commentOf(symbol) === '').map((symbol) => symbol.name);
    expect(silent).toEqual([]);
  });

  test('says of every function in it what it does', () => {
    const silent = exportsOf(entry).flatMap((symbol) =>
      methodsOf(symbol)
        .filter((member) => commentOf(member) === '')
        .map((member) => `${symbol.name}.${member.name}`),
    );
    expect(silent).toEqual([]);
  });
});
