export { Players, type PlayerName } from './directory.ts';
export { Identify, type PlayerRef, type PlayerSelector } from './identify.ts';
export { createPlayer, playerCreated, playerCreatedV1 } from './commands/create-player.ts';
export {
  excludePlayer,
  exclusionKind,
  FOREVER,
  liftExclusion,
  playerProtected,
  protectionOf,
  setLimits,
  type Protection,
} from './commands/protect-player.ts';
export { playerUpdated, updatePlayer } from './commands/update-player.ts';
export { inForce, limitKind, limitPeriod, nameOf, periodOf, usedOf, type LimitChange, type Use } from './limits.ts';
export { checkPlay, playerLimitsUsed, playNeeds, spends } from './protection.ts';
export { guard, GuardSchema } from './guard.ts';
export { player, PlayerSchema, publicHashOf, userIdFor, type PlayerRow } from './player.ts';
