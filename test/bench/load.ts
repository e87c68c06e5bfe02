/**
 * The load process. Its parent tells it to open drivers and to run slices of them; see load-process.ts. In
 * flight means a closed loop: each of N callers sends its next call when the one before is answered.
 */
import type { Driver, OpenDriver, Slice } from './driver.ts';
import type { Order } from './load-process.ts';

const drivers: Driver[] = [];

async function obey(order: Order): Promise<unknown> {
  switch (order.is) {
    case 'open': {
      const { open } = (await import(order.driver)) as { open: OpenDriver<object> };
      return drivers.push(await open(order.options)) - 1;
    }
    case 'prepare':
      return drivers[order.handle]!.prepare?.(order.seconds);
    case 'slice':
      return slice(drivers[order.handle]!, order.inFlight, order.seconds);
    case 'end':
      await Promise.all(drivers.map((driver) => driver.close()));
      return process.disconnect();
  }
}

async function slice(driver: Driver, inFlight: number, seconds: number): Promise<Slice> {
  const latencies: number[] = [];
  let items = 0;
  const start = performance.now();
  const end = start + seconds * 1000;
  const run = async (caller: number): Promise<void> => {
    for (let before = performance.now(); before < end;) {
      const done = await driver.call(caller);
      if (done === 0) return;
      const after = performance.now();
      latencies.push(after - before);
      items += done;
      before = after;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, caller) => run(caller)));
  // To the last answer: what was begun within the slice counts, and so does its time.
  const took = (performance.now() - start) / 1000;
  const sorted = Float64Array.from(latencies).sort();
  const quantile = (q: number): number => sorted[Math.floor((sorted.length - 1) * q)] ?? 0;
  return { items, seconds: took, p50: quantile(0.5), p99: quantile(0.99) };
}

process.on('message', ({ id, order }: { id: number; order: Order }) => {
  obey(order).then(
    (answer) => process.connected && process.send!({ id, answer }),
    (error: Error) => process.send!({ id, error: error.stack ?? String(error) }),
  );
});
