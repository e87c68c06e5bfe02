import type { JsonObject } from '@bufbuild/protobuf';
import type { Caller, Write } from '../writes.ts';

const POT = { asset: 'USD', seed_usd: '10' };

/** An archived jackpot whose pot has a contribution, as the requests name it. */
async function ended(caller: Caller): Promise<JsonObject> {
  const { id } = caller;
  await caller.done('JackpotService.CreateJackpot', 'admin', { id, ...POT });
  await caller.done('JackpotService.ContributeToJackpot', 'service', { id, user_id: 'r-player', amount: 1 });
  await caller.done('JackpotService.ArchiveJackpot', 'admin', { id });
  return { id, pot_id: 'main' };
}

/** Revives the jackpot, and feeds it again. */
async function revive(caller: Caller): Promise<void> {
  const { id } = caller;
  await caller.done('JackpotService.UpdateJackpot', 'admin', { id, name: 'Changed since', status: 'active' });
  await caller.done('JackpotService.ContributeToJackpot', 'service', { id, user_id: id, amount: 2 });
}

/** The writes that end pots. */
export const JACKPOT_END_WRITES: Readonly<Record<string, Write>> = {
  'JackpotService.DrawPot': { as: 'admin', operation: 'jackpot.draw-pot', prepare: ended, change: revive },
  'JackpotService.TransferPot': {
    as: 'admin',
    operation: 'jackpot.transfer-pot',
    async prepare(caller) {
      const to = `${caller.id}-to`;
      await caller.done('JackpotService.CreateJackpot', 'admin', { id: to, ...POT });
      return { ...(await ended(caller)), to_jackpot_id: to };
    },
    change: revive,
  },
};
