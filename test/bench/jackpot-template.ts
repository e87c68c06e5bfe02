import { credentials, Metadata } from '@grpc/grpc-js';
import { AuthServiceClient } from '../../gen/ts/windfall/auth/v1/auth.ts';
import {
  CreateJackpotRequest,
  JackpotServiceClient,
  PotInput,
  type WinRule,
} from '../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { jackpotName } from './template.ts';

/** One pot, dropped from outside, paid by the operator. */
export const ONE = 'bench-one';
/** The same, paid by the players. */
export const PAID = 'bench-paid';
/** Three pots that contributions may win: by chance, by value and by time. */
export const DRAWN = 'bench-drawn';

const pot = (id: string, fraction: string, rule: WinRule['rule'], more: Partial<PotInput>): PotInput => ({
  ...PotInput.fromPartial({ id, ...more }),
  share: { $case: 'fraction', value: fraction },
  winRules: [{ rule }],
});
const create = (id: string, more: Partial<CreateJackpotRequest>): CreateJackpotRequest =>
  CreateJackpotRequest.fromPartial({ id, asset: 'USD', ...more });

/** Two pots that contributions may win, by chance and by value, with each way to select. */
export const SELECTED = { all: 'bench-selected-all', highest: 'bench-selected-highest' } as const;

const mini = pot(
  'mini',
  '0.3',
  { $case: 'hitRate', value: { cost: '0.5', odds: 20_000n } },
  { seedShare: '0.1', seed: '10' },
);
const major = pot(
  'major',
  '0.4',
  { $case: 'mustDropValue', value: { value: '50000' } },
  { seedShare: '0.2', seed: '100' },
);

/** Creates jackpots that are won by chance and by value, also on a server of an earlier contract. */
export const makeSelected = (address: string): Promise<void> =>
  createAll(
    address,
    Object.entries(SELECTED).map(([winSelector, id]) => create(id, { winSelector, pots: [mini, major] })),
  );

/** Creates the bench's jackpots. */
export async function makeJackpots(address: string): Promise<void> {
  const hourly = pot(
    'hourly',
    '0.2',
    { $case: 'mustDropTime', value: { seconds: 3600, hidden: false } },
    { seed: '20' },
  );
  await createAll(address, [
    create(ONE, { seedUsd: '100' }),
    create(PAID, { seedUsd: '100', operatorShare: '0' }),
    create(DRAWN, { pots: [mini, major, hourly] }),
    ...Array.from({ length: 100 }, (_, n) => create(jackpotName(n), { seedUsd: '100' })),
  ]);
}

/** As the admin of development. */
async function createAll(address: string, all: readonly CreateJackpotRequest[]): Promise<void> {
  const auth = new AuthServiceClient(address, credentials.createInsecure());
  const jackpots = new JackpotServiceClient(address, credentials.createInsecure());
  const metadata = new Metadata();
  const login = await new Promise<{ token: string }>((resolve, reject) => {
    auth.loginAdmin({ username: 'demo', password: 'demo' }, (error, answer) =>
      error === null ? resolve(answer) : reject(error),
    );
  });
  metadata.set('authorization', `Bearer ${login.token}`);
  for (const request of all) {
    await new Promise<void>((resolve, reject) => {
      jackpots.createJackpot(request, metadata, (error) => (error === null ? resolve() : reject(error)));
    });
  }
  auth.close();
  jackpots.close();
}
