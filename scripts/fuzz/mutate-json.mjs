/** A copy of a JSON value that is wrong in one to three places. */
export function mutateJson(value, choices) {
  let copy = structuredClone(value);
  for (let times = 1 + choices.below(3); times > 0; times--) copy = mutateOnce(copy, choices);
  // How deep JSON.stringify gets depends on the stack that is left.
  return isPrintable(copy) ? copy : nest(100);
}

const VALUES = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  Number.MAX_SAFE_INTEGER,
  '',
  'x',
  '2026-99-99T99:99:99Z',
  '\u0000\u001b[31m\u202e\ud800',
  '/',
  '://',
  'x'.repeat(100_000),
  [],
  {},
  [null],
  [[]],
  { constructor: null, toString: 1 },
];

function mutateOnce(root, choices) {
  const places = listPlaces(root);
  const place = places.length === 0 ? null : choices.pick(places);
  if (place === null || choices.chance(0.02)) return oddValue(choices);
  const { parent, key } = place;
  const act = choices.below(8);
  if (act === 0) {
    if (Array.isArray(parent)) parent.splice(key, 1);
    else delete parent[key];
  } else if (act === 1) parent[key] = choices.pick(places).value;
  else if (act === 2 && !Array.isArray(parent)) {
    parent[`${key}_`] = parent[key];
    delete parent[key];
  } else if (act === 3) parent[key] = Array.from({ length: 1 + choices.below(50) }, () => place.value);
  else if (act === 4 && typeof place.value === 'number') parent[key] = -place.value * 1e6 - 0.5;
  else if (act === 5 && typeof place.value === 'string') parent[key] = `${place.value.slice(1)}é/\n`;
  else parent[key] = oddValue(choices);
  return isPrintable(root) ? root : oddValue(choices);
}

function oddValue(choices) {
  if (choices.chance(0.05)) return nest(choices.below(2000));
  return structuredClone(choices.pick(VALUES));
}

function nest(depth) {
  let value = null;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

function listPlaces(root) {
  const places = [];
  const waiting = [root];
  // A place that was put into itself would be listed for ever.
  while (waiting.length > 0 && places.length < 5000) {
    const parent = waiting.pop();
    if (typeof parent !== 'object' || parent === null) continue;
    for (const [key, value] of Object.entries(parent)) {
      places.push({ parent, key: Array.isArray(parent) ? Number(key) : key, value });
      waiting.push(value);
    }
  }
  return places;
}

function isPrintable(value) {
  try {
    JSON.stringify(value);
    return true;
  } catch {
    return false;
  }
}
