import {
  WithheldWinServiceService,
  type RejectWithheldWinRequest,
  type ReleaseWithheldWinRequest,
  type WithheldWin,
} from '../../../../gen/ts/windfall/pots/v1/withheld.ts';
import type { Caller } from '../../../kernel/index.ts';
import { read, write, type CallOf, type Input, type Platform } from '../../../platform/index.ts';
import { owingFor } from '../../../wallets/index.ts';
import { payoutState, type Jackpot } from '../../jackpot/index.ts';
import { boundInstance, findInstance } from '../instance-found.ts';
import { rejecting, releasing, type SettleRequest } from '../settling.ts';
import { findWithheld, PAYOUT_STATES, requireWithheld, withheldMessages, type WithheldOf } from '../withheld.ts';

const { listWithheldWins: list, releaseWithheldWin: release, rejectWithheldWin: reject } = WithheldWinServiceService;
const LIMIT = 50;

/** Lists what an instance has withheld. */
const listWithheldWins = read(list, (platform) => async ({ instanceId, status, page, limit }, { caller }) => {
  const { content, code } = await findInstance(platform, caller, instanceId);
  const rows = await findWithheld(platform, caller, {
    page,
    jackpot: Number(content.jackpot),
    state: PAYOUT_STATES.get(status),
    limit: limit || LIMIT,
  });
  const pots = new Map(content.pots.map((pot) => [Number(pot.pot), pot.code]));
  const of = { pots, instanceId: code, currency: content.asset };
  return { wins: await withheldMessages(platform, caller, of, rows) };
});

type Request = ReleaseWithheldWinRequest | RejectWithheldWinRequest;

/** Prepares what becomes of a withheld win: it happens once, so every call has the same request. */
async function prepare(
  { instanceId, gameroundId, reason }: Request,
  { platform, caller, fresh }: CallOf<unknown>,
): Promise<Input<SettleRequest>> {
  const jackpot = await boundInstance(platform, caller, instanceId, fresh);
  const payout = await requireWithheld(platform, caller, jackpot.id, gameroundId);
  const pot = jackpot.pots.find(({ id }) => id === payout.potId)!;
  return { route: jackpot.id, once: payout.id, brand: 0, request: { jackpot, payout, pot, reason } };
}

/** The win as it was settled. */
async function settled(
  platform: Platform,
  caller: Caller,
  { instanceId, gameroundId }: Request,
  [state, time]: readonly [number, number],
): Promise<WithheldWin> {
  const jackpot = await boundInstance(platform, caller, instanceId, false);
  const row = await requireWithheld(platform, caller, jackpot.id, gameroundId);
  const [win] = await withheldMessages(platform, caller, ofBound(jackpot), [{ ...row, state, settledAt: time }]);
  return win!;
}

const ofBound = ({ code, assetCode, pots }: Jackpot): WithheldOf => ({
  instanceId: code,
  currency: assetCode,
  pots: new Map(pots.map((pot) => [pot.id, pot.code])),
});

/** Pays a withheld win to its player. */
const releaseWithheldWin = write({
  async prepare(request: ReleaseWithheldWinRequest, call) {
    const input = await prepare(request, call);
    const owing = await owingFor(call.platform, call.caller.operator);
    return { ...input, request: { ...input.request, owing } };
  },
  method: release,
  command: () => releasing,
  respond: async ({ time }, { platform, caller }, request) => ({
    win: await settled(platform, caller, request, [payoutState.released, time]),
  }),
});

/** Gives a withheld win to the reserve of the pot. */
const rejectWithheldWin = write({
  prepare,
  method: reject,
  command: () => rejecting,
  respond: async ({ time }, { platform, caller }, request) => ({
    win: await settled(platform, caller, request, [payoutState.rejected, time]),
  }),
});

/** The operations of WithheldWinService. */
export const withheldOperations = { listWithheldWins, releaseWithheldWin, rejectWithheldWin };
