import { JackpotServiceService } from '../../../gen/ts/windfall/jackpot/v1/jackpot.ts';
import { batchOf, streamOf } from '../../platform/index.ts';
import { defineEngine } from '../kit/index.ts';
import { jackpotAccounts } from './accounts.ts';
import { potAdjusted } from './adjusted.ts';
import { community, CommunitySchema } from './community/standings.ts';
import { jackpotContributed } from './contributed.ts';
import { jackpots } from './definition.ts';
import { jackpotEvents } from './events.ts';
import { endCycleTask } from './end-cycle.ts';
import { jackpotEnded } from './ended.ts';
import {
  HitsSchema,
  jackpot,
  jackpotHits,
  JackpotSchema,
  optIn,
  OptInSchema,
  payout,
  PayoutSchema,
  pot,
  potEnd,
  PotEndSchema,
  PotSchema,
} from './entities.ts';
import { contributeToJackpot } from './operations/contribute-to-jackpot.ts';
import { drawPot } from './operations/draw-pot.ts';
import { dropJackpot } from './operations/drop-jackpot.ts';
import { FIRST_FACTS } from './first-version.ts';
import { getJackpotCommitments } from './operations/get-jackpot-commitments.ts';
import { getJackpot } from './operations/get-jackpot.ts';
import { listJackpotHits } from './operations/list-jackpot-hits.ts';
import { transferPot } from './operations/transfer-pot.ts';
import { watchJackpot } from './operations/watch-jackpot.ts';
import { jackpotOpened } from './opening.ts';
import { payEndTask } from './paying.ts';
import { potClosed, potEndPlanned, potPaid } from './pot-ends.ts';
import { jackpotDraws } from './proof.ts';
import { roundClosed } from './raffle/close-round.ts';
import { drawRoundTask, roundDrawn } from './raffle/draw-round.ts';
import { endRoundTask } from './raffle/end-round.ts';
import { round, roundOpened, roundProlonged, RoundSchema } from './raffle/round.ts';
import { jackpotRenewed } from './renewing.ts';
import { hitSeedRevealed, revealSeedTask } from './reveal-seed.ts';
import { potEmptied, potEndowed } from './transferred.ts';
import { jackpotWon, potLapsed } from './winning.ts';

/** How many items of a stream may be in progress, as the contract says: four batches of a lane. */
const AHEAD = 2000;

/** Progressive pots that each wager contributes to. */
export const jackpotEngine = defineEngine({
  name: 'jackpot',
  block: 1100,
  service: JackpotServiceService,
  definition: jackpots,
  operations: {
    contributeToJackpot,
    batchContribute: batchOf(JackpotServiceService.batchContribute, contributeToJackpot, 'contributed'),
    streamContributions: streamOf(JackpotServiceService.streamContributions, contributeToJackpot, 'contributed', AHEAD),
    dropJackpot,
    drawPot,
    transferPot,
    getJackpot,
    getJackpotCommitments,
    listJackpotHits,
    watchJackpot,
  },
  entities: [
    JackpotSchema,
    PotSchema,
    HitsSchema,
    PotEndSchema,
    OptInSchema,
    PayoutSchema,
    CommunitySchema,
    RoundSchema,
  ],
  tables: [jackpot, pot, jackpotHits, potEnd, optIn, payout, community, round],
  events: jackpotEvents,
  facts: [
    ...FIRST_FACTS,
    jackpotOpened,
    jackpotContributed,
    jackpotWon,
    potLapsed,
    jackpotRenewed,
    hitSeedRevealed,
    potClosed,
    potPaid,
    potEndPlanned,
    jackpotEnded,
    potEmptied,
    potEndowed,
    potAdjusted,
    roundOpened,
    roundProlonged,
    roundClosed,
    roundDrawn,
  ],
  draws: jackpotDraws,
  tasks: [endCycleTask, payEndTask, revealSeedTask, endRoundTask, drawRoundTask],
  account: jackpotAccounts,
});
