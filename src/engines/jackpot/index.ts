export { adjusting, type AdjustRequest, type PotPart } from './adjusted.ts';
export { configOf, potOf, type Jackpot, type Pot } from './bound.ts';
export { strategy } from './community/rules.ts';
export { community, noteChoice } from './community/standings.ts';
export { jackpotContributed } from './contributed.ts';
export { countriesOf, takesCountry, type Countries } from './countries.ts';
export { jackpots } from './definition.ts';
export { contributionFacts, contributionNeeds, requireRoom } from './operations/contribute-to-jackpot.ts';
export { dropping, type DropAnswer, type DropRequest } from './operations/drop-jackpot.ts';
export { paidWin, potPaid } from './pot-ends.ts';
export { END_INSTANCE } from './raffle/close-round.ts';
export { isOpen, readRound, requireNoRound, type Round } from './raffle/current-round.ts';
export { roundDrawn } from './raffle/draw-round.ts';
export { round } from './raffle/round.ts';
export { rejected } from './rejected.ts';
export { transferring, type Move, type TransferRequest } from './transferring.ts';
export {
  gameroundOf,
  roundOf,
  PAY_SHARES,
  paymentOf,
  payoutCause,
  payoutState,
  PLACES,
  sharesOrder,
  type Purse,
} from './payouts.ts';
export { jackpotWon, type Payout } from './winning.ts';
export {
  advance,
  jackpot,
  optIn,
  optInCode,
  payout,
  pot,
  type OptInRow,
  type PayoutRow,
  type JackpotRow,
  type PotRow,
} from './entities.ts';
