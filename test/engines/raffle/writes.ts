import type { Caller, Write } from '../writes.ts';

const RAFFLE = { ticket_asset: 'WINZ', ticket_cost: '0', prize_winz: 10 };
const make = async (caller: Caller): Promise<void> => {
  const { id } = caller;
  await caller.done('RaffleService.CreateRaffle', 'admin', { ...RAFFLE, id });
  await caller.done('RaffleService.EnterRaffle', 'service', { id, user_id: 'r-player', tickets: 2 });
};
const rename = (caller: Caller) =>
  caller.done('RaffleService.UpdateRaffle', 'admin', { id: caller.id, name: 'Changed since', status: 'active' });
const sell = (caller: Caller) =>
  caller.done('RaffleService.EnterRaffle', 'service', { id: caller.id, user_id: 'r-other', tickets: 1 });

/** The writes of raffles that take a key. */
export const RAFFLE_WRITES: Readonly<Record<string, Write>> = {
  'RaffleService.CreateRaffle': {
    as: 'admin',
    operation: 'raffle.create',
    prepare: async ({ id }) => ({ ...RAFFLE, id }),
    change: sell,
  },
  'RaffleService.UpdateRaffle': {
    as: 'admin',
    operation: 'raffle.update',
    prepare: async (caller) => (await make(caller), { id: caller.id, name: 'Second' }),
    change: async (caller) => (await rename(caller), sell(caller)),
  },
  'RaffleService.EnterRaffle': {
    as: 'service',
    operation: 'raffle.enter',
    prepare: async (caller) => (await make(caller), { id: caller.id, user_id: 'r-player', tickets: 3 }),
    change: sell,
  },
  'RaffleService.DrawRaffle': {
    as: 'admin',
    operation: 'raffle.draw',
    prepare: async (caller) => (await make(caller), { id: caller.id }),
    change: async () => undefined,
  },
  'RaffleService.CancelRaffle': {
    as: 'admin',
    operation: 'raffle.cancel',
    prepare: async (caller) => (await make(caller), { id: caller.id }),
    change: async () => undefined,
  },
};
