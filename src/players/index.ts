export { Players, type PlayerName } from './directory.ts';
export { Identify, type PlayerRef, type PlayerSelector } from './identify.ts';
export { createPlayer, playerCreated } from './commands/create-player.ts';
export { player, PlayerSchema, userIdFor, type PlayerRow } from './player.ts';
