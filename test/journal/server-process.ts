/** A server without gRPC: a journal of two lanes, which runs what it gets over IPC, for tests to kill. */
import { createHash } from 'node:crypto';
import type { LootboxDefinition } from '../../gen/ts/windfall/facts/v1/facts.ts';
import { opening } from '../../src/engines/lootbox/operations/open-lootbox.ts';
import type { BoundPlayTable } from '../../src/prizes/index.ts';
import { setClientSeed } from '../../src/fairness/commands/set-client-seed.ts';
import { MasterKeys } from '../../src/fairness/index.ts';
import { Journal, type Command } from '../../src/journal/index.ts';
import { createTransfer, reverseTransfer } from '../../src/ledger/index.ts';
import { createPlayer } from '../../src/players/commands/create-player.ts';
import { ApiError } from '../../src/kernel/index.ts';
import { bindBox } from './box.ts';
import { options, register } from './fixture.ts';

/** What a client requests: repeating the same request repeats a call. */
export interface Ask {
  readonly command: 'transfer' | 'reverse' | 'create' | 'seed' | 'open';
  readonly request: any;
  readonly keys: readonly string[];
  readonly route: number;
}

export type Reply =
  | { readonly is: 'done'; readonly id: string; readonly replayed: boolean; readonly answer: unknown }
  | { readonly is: 'refused'; readonly reason: string }
  | { readonly is: 'fault'; readonly text: string };

export const BOX: LootboxDefinition = {
  name: 'box',
  priceAsset: 'GEM',
  price: 10n,
  rolls: 2,
  guaranteed: [],
  prizes: [
    { label: 'none', asset: 'GEM', amount: 0n, weight: 3n },
    { label: 'some', asset: 'GEM', amount: 7n, weight: 2n },
    { label: 'other', asset: 'OIL', amount: 3n, weight: 1n },
  ],
};
export const boundBox = (): BoundPlayTable => bindBox(BOX, (asset) => (asset === 'GEM' ? 0 : 1));

const commands: Record<Ask['command'], Command<any, unknown>> = {
  transfer: createTransfer,
  reverse: reverseTransfer,
  create: createPlayer,
  seed: setClientSeed,
  open: opening(new MasterKeys([['1', Buffer.alloc(32, 7)]], '1')),
};

/** The hash of a request. */
export function hashOf({ command, request }: Ask): string {
  const text = JSON.stringify([command, request], (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  return createHash('md5').update(text).digest().toString('latin1');
}

/** Runs a request. The answer is that of the first call, so that replays can be compared with it. */
export async function serve(journal: Journal, game: BoundPlayTable, ask: Ask): Promise<Reply> {
  const command = commands[ask.command];
  const told: Command<any, Reply> = {
    ...command,
    answer: (operation, replayed) => ({
      is: 'done',
      id: operation.id,
      replayed,
      answer: command.answer(operation, false),
    }),
  };
  const request = ask.command === 'open' ? { game, counter: 0, ...ask.request } : ask.request;
  try {
    return await journal.run(told, request, options({ keys: ask.keys, route: ask.route, requestHash: hashOf(ask) }));
  } catch (thrown) {
    if (thrown instanceof ApiError) return { is: 'refused', reason: thrown.reason };
    return { is: 'fault', text: String((thrown as Error).stack ?? thrown) };
  }
}

if (process.argv[1] === import.meta.filename) {
  const fault = (): void => undefined;
  const journal = new Journal(
    { databaseUrl: process.argv[2]!, register, assetCode: (_, asset) => `A${asset}`, fault },
    2,
  );
  const lootbox = boundBox();
  process.on('message', ({ n, ask }: { n: number; ask: Ask }) => {
    void serve(journal, lootbox, ask).then((reply) => process.send!({ n, reply }));
  });
  process.on('disconnect', () => process.exit());
}
