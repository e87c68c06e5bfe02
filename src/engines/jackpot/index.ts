export { configOf, type Jackpot, type Pot } from './bound.ts';
export { jackpots } from './definition.ts';
export { jackpot, pot, type JackpotRow, type PotRow } from './entities.ts';
