/**
 * What comes after a value that is nearly always there at once: without a promise then, because a hundred thousand of them a
 * second are a tenth of a process.
 */
export function chain<A, B>(value: A | Promise<A>, next: (value: A) => B | Promise<B>): B | Promise<B> {
  return value instanceof Promise ? value.then(next) : next(value);
}
