export {
  Beacon,
  BEACON_URLS,
  QUICKNET,
  roundAfter,
  roundDue,
  verifyRound,
  type BeaconChain,
  type BeaconRound,
} from './beacon.ts';
export { chainOf, contributionLeaf, leafOf, nextLink } from './chain.ts';
export { contributionText, type ContributionRecord, type PotRecord } from './records/contribution.ts';
export { bindConfig, type BoundConfig } from './config-hash.ts';
export {
  contribute,
  isDrawn,
  type ContributionOutcome,
  type PotBefore,
  type PotOutcome,
  type WonBy,
} from './contribution.ts';
export { cumulate, Draw, isClientSeed, type DrawInputs } from './draw.ts';
export {
  bindGacha,
  CHANCE_UNIT,
  CHOICES_MAX,
  drawGacha,
  GACHA_PRIZES_MAX,
  legendaryChance,
  PITY_MAX,
  readGacha,
  type BoundGacha,
  type GachaBox,
  type GachaPrize,
  type GachaSlot,
  type PityCounters,
  type Tier,
} from './gacha.ts';
export {
  ATTEMPTS_MAX,
  attemptsFor,
  bindHitRate,
  drawHits,
  HIT_RATE_N_MAX,
  POTS_MAX,
  readHitRate,
  type BoundHitRate,
  type HitRatePot,
  type PotDraw,
} from './hit-rate.ts';
export {
  afterLastCycle,
  asksWager,
  bindJackpotConfig,
  inLastCycle,
  readJackpotConfig,
  readTerms,
  termsText,
  type BoundJackpot,
  type JackpotConfig,
  type PotConfig,
  type PotRules,
  type PotTerms,
  type WinSelector,
} from './pot-config.ts';
export {
  bindEndRange,
  bindPotEnd,
  drawEndTime,
  drawPoint,
  potEndDraw,
  potEndLeaf,
  type EndRange,
  type PotEnd,
  type PotEndKind,
} from './pot-end.ts';
export { potEndText, type PotEndOutcome } from './records/pot-end.ts';
export { middleOf, operatorPart, partsOf, restart, shareOf, type Reseed, type Share } from './pot-money.ts';
export { SeedSecrets } from './seed-secrets.ts';
export { HmacKey } from './hmac.ts';
export {
  ALGORITHM,
  ALGORITHM_2,
  joinClientSeeds,
  type ClientSeed,
  type ClientSeedOrigin,
  type GachaProof,
  type HitRateProof,
  type Proof,
  type ProofHead,
  type RaffleProof,
  type TableProof,
  type TriggerProof,
} from './proof.ts';
export {
  bindRaffle,
  drawRaffle,
  drawTickets,
  drawWinners,
  EMPTY_POOL_HASH,
  nextPoolHash,
  playerHash,
  readRaffle,
  TICKETS_PER_SALE_MAX,
  WINNERS_MAX,
  type BoundRaffle,
  type RaffleEntry,
  type RafflePool,
  type RafflePrize,
  type RaffleTerms,
  type RaffleWinner,
} from './raffle.ts';
export { fullStream, MasterKeys, newStream, serverSeed, serverSeedHash, streamKind, type StreamKind } from './seeds.ts';
export {
  bindTable,
  drawOpens,
  drawTable,
  PRIZES_MAX,
  readTable,
  ROLLS_MAX,
  type BoundTable,
  type Prize,
  type PrizeTable,
  type Reward,
  type RewardItem,
  type Cost,
  type TableOpen,
} from './table.ts';
export type { TicketRange } from './tickets-left.ts';
export {
  bindTrigger,
  drawTrigger,
  formatTrigger,
  readTrigger,
  type BoundTrigger,
  type TriggerRange,
} from './trigger.ts';
export { UNIFORM_BIGINT_MAX, UNIFORM_MAX } from './uniform.ts';
export { winChances } from './win-chances.ts';
export { verifyProof, type Verdict } from './verify-proof.ts';
export { clientSeedSet, setClientSeed } from './commands/set-client-seed.ts';
export { hitRateProof, triggerProof } from './hit-draws.ts';
export {
  nextSeed,
  openStream,
  ownerOfStream,
  ownOriginOf,
  PUBLISHED_AHEAD,
  readableSince,
  seedHashes,
  seedStream,
  SeedStreamSchema,
  streamId,
  useSeed,
  type NextSeed,
  type StreamRow,
} from './stream.ts';
export {
  personalDrawn,
  OWN_ORIGINS,
  personalNeeds,
  personalSeed,
  personalUse,
  revealedSeeds,
  type PersonalRequest,
  type PersonalSeed,
  type RevealedSeeds,
} from './personal.ts';
export {
  firstPersonalUse,
  proofHead,
  proofOf,
  recordOf,
  type Drawn,
  type DrawKind,
  type ProvedDraw,
  type ProvedRecord,
  type RecordPlace,
  type SeedUse,
} from './draws.ts';
export { digestOf, type RecordProof } from './records/record.ts';
export { tableText, type TableGrant, type TableOutcome } from './records/table.ts';
export { raffleText, type RaffleOutcome } from './records/raffle.ts';
export { verifyRecord } from './records/verify.ts';
