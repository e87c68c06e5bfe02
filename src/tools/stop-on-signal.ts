/**
 * npm forwards a signal that the terminal has already sent to all processes. Signals within this time are the same
 * Ctrl-C.
 */
const SAME_MS = 1000;

/** Resolves with the first SIGINT or SIGTERM; each later one calls `hurry`. */
export function stopSignal(hurry: () => void): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let first = 0;
    const stop = (signal: NodeJS.Signals): void => {
      if (first === 0) first = Date.now();
      else if (Date.now() - first > SAME_MS) hurry();
      resolve(signal);
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}
