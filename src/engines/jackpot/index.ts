export { configOf, type Jackpot, type Pot } from './bound.ts';
export { jackpots } from './definition.ts';
export { jackpot, optIn, optInCode, pot, type OptInRow, type JackpotRow, type PotRow } from './entities.ts';
