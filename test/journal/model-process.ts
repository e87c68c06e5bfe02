/** A process of model.test.ts: makes the transfers it is sent, concurrently, and reports the outcome of each. */
import { createTransfer } from '../../src/ledger/index.ts';
import { journalOn, options } from './fixture.ts';

export interface Order {
  readonly from: number;
  readonly to: number;
  readonly amount: number;
  readonly key: string;
  readonly route: number;
}

export interface Answer {
  readonly operationId?: string;
  readonly replayed?: boolean;
  readonly reason?: string;
}

const faults: unknown[] = [];
const journal = journalOn(process.argv[2]!, faults, 2);

async function make({ from, to, amount, key, route }: Order): Promise<Answer> {
  try {
    const { operationId, replayed } = await journal.run(
      createTransfer,
      { from, to, amount: BigInt(amount) },
      options({
        keys: [key],
        requestHash: `${from} ${to} ${amount}`,
        route,
      }),
    );
    return { operationId, replayed };
  } catch (thrown) {
    return { reason: (thrown as { reason?: string }).reason ?? String(thrown) };
  }
}

process.on('message', (orders: Order[]) => {
  void Promise.all(orders.map(make)).then((told) => {
    if (faults.length > 0) throw faults[0];
    process.send!(told);
  });
});
