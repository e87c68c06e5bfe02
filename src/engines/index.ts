import { jackpotEngine } from './jackpot/engine.ts';
import { journeyEngine } from './journey/engine.ts';
import type { Engine } from './kit/index.ts';
import { lootboxEngine } from './lootbox/engine.ts';
import { miniGameEngine } from './minigame/engine.ts';
import { potsEngine } from './pots/engine.ts';
import { raffleEngine } from './raffle/engine.ts';
import { tournamentEngine } from './tournament/engine.ts';

/** All engines of the installation. An entry here is all that the rest of the system needs. */
export const engines: readonly Engine[] = [
  lootboxEngine,
  jackpotEngine,
  miniGameEngine,
  raffleEngine,
  tournamentEngine,
  journeyEngine,
  potsEngine,
];

export { servicesOf, takeEffect, type Engine } from './kit/index.ts';
