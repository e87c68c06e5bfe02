export { Players, type PlayerName } from './directory.ts';
export { Identify, type Identified, type Named } from './identify.ts';
export { player, type PlayerRow } from './player.ts';
export { playerService, type PlayersHost } from './service.ts';
