/** Words for comparing texts: the same on every machine, so no locale and no collation is asked. */

const STOP_WORDS = new Set(
  // Dutch
  (
    'aan al als bij binnen dan dat de der deze die dit door een en er geen haar had heb hebben hebt heeft het hij ' +
    'hoe hun ik in is je jij jou jouw kan kun kunnen maar me mee meer met mij mijn moet naar na net niet nog nu of ' +
    'om omdat onder ons onze ook op over per te tegen tot tussen u uit uw van vanaf veel via voor waar wat we wel ' +
    'werd wij wil word worden wordt ze zich zij zijn zo zoals ' +
    // English
    'a about after all also an and any are as at be because been but by can could did do does for from had has have ' +
    'he her his how i if in into is it its just may more most my no nor not of on or our out over own she should so ' +
    'some such than that the their them then there these they this those to too up us very was we were what when ' +
    'where which who will with would you your ' +
    // what every vacancy says, and therefore says nothing
    'aantoonbare afgeronde bent ervaring experience goed goede good jaar jaren kennis knowledge minimaal minimum ' +
    'minstens plus pre proven required requirements skills solid strong sterke vaardigheden vereist vereisten ' +
    'werken work working year years'
  ).split(' '),
);

// Letters, marks and digits, with inner dots (Node.js) and closing signs (C#, C++); or a leading dot
// (.NET). The bounds keep the engine's stack small on a text without a single space.
const WORD =
  /(?<![\p{L}\p{N}])\.[\p{L}]{1,64}|[\p{L}\p{M}\p{N}]{1,64}(?:\.[\p{L}\p{N}]{1,64}){0,8}[+#]{0,4}/gu;

/** The words of a text in order, lower-case, without accents, stop words and bare numbers. */
export function words(text: string): string[] {
  const found: string[] = [];
  for (const match of text.matchAll(WORD)) {
    const word = plain(match[0]);
    if (word !== '' && !STOP_WORDS.has(word) && !/^[0-9.+]+$/.test(word)) found.push(word);
  }
  return found;
}

/** Every form under which a word of the text can be looked up: `node.js` also as `nodejs`, `node` and `js`. */
export function wordSet(text: string): Set<string> {
  const set = new Set<string>();
  for (const word of words(text)) {
    set.add(word);
    if (!word.startsWith('.') && word.includes('.')) {
      for (const part of word.split('.')) set.add(part);
      set.add(word.replaceAll('.', ''));
    }
  }
  return set;
}

/** Whether a set made by `wordSet` holds a word, `Node.js` and `NodeJS` being the same. */
export function holds(set: ReadonlySet<string>, word: string): boolean {
  return set.has(word) || (!word.startsWith('.') && word.includes('.') && set.has(word.replaceAll('.', '')));
}

// Accents are taken off word by word: normalizing a whole text takes quadratic time where somebody
// stacks thousands of marks on one letter.
function plain(word: string): string {
  const lower = word.toLowerCase();
  return /^[\x00-\x7f]*$/.test(lower) ? lower : lower.normalize('NFKD').replace(/\p{M}/gu, '');
}
