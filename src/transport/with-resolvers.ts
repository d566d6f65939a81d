/** A promise, and what settles it: as `Promise.withResolvers`, which comes with Node 22. */
export function withResolvers<T = void>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
