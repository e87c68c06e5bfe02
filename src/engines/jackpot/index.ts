export { adjusting, type AdjustRequest, type PotPart } from './adjusted.ts';
export { configOf, potOf, type Jackpot, type Pot } from './bound.ts';
export { jackpotContributed } from './contributed.ts';
export { jackpots } from './definition.ts';
export { contributionFacts, contributionNeeds, requireRoom } from './operations/contribute-to-jackpot.ts';
export { dropping, type DropAnswer, type DropRequest } from './operations/drop-jackpot.ts';
export { rejected } from './rejected.ts';
export { jackpotWon, type Payout } from './winning.ts';
export { jackpot, optIn, optInCode, pot, type OptInRow, type JackpotRow, type PotRow } from './entities.ts';
