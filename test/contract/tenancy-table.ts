import type { JsonObject } from '@bufbuild/protobuf';
import { BOX, JOURNEY, POT } from './definitions.ts';
import type { Scene } from './scene.ts';
import { AUTH_ENTRIES } from './tenancy-auth.ts';
import { MINI_GAME_ENTRIES } from './tenancy-games.ts';
import { JACKPOT_END_ENTRIES } from './tenancy-jackpots.ts';
import { TOURNAMENT_ENTRIES } from './tenancy-tournament.ts';
import { POTS_ENTRIES } from './tenancy-pots.ts';
import { RAFFLE_ENTRIES } from './tenancy-raffles.ts';
import { WEBHOOK_ENTRIES } from './tenancy-webhooks.ts';
import type { Entry } from './tenancy-things.ts';

const nothing = (): JsonObject => ({});
const player = ({ player: user_id, brand: brand_id }: Scene): JsonObject => ({ user_id, brand_id });
const funded = async (scene: Scene): Promise<JsonObject> => {
  await scene.funded();
  return player(scene);
};
const box = async (scene: Scene): Promise<JsonObject> => ({ id: await scene.lootbox() });
const pot = async (scene: Scene): Promise<JsonObject> => ({ id: await scene.wonJackpot() });
const open = async (scene: Scene): Promise<JsonObject> => ({
  ...(await box(scene)),
  ...player(scene),
  idempotency_key: scene.unique('open'),
});
const journey = async (scene: Scene): Promise<JsonObject> => ({ id: await scene.journey() });
const event = async (scene: Scene): Promise<JsonObject> => {
  await scene.journey();
  return { ...player(scene), trigger: 'wager', idempotency_key: scene.unique('event') };
};
const contribute = async (scene: Scene): Promise<JsonObject> => ({
  id: await scene.jackpot(),
  ...player(scene),
  amount: 1,
  source_wager_id: scene.unique('next-wager'),
  idempotency_key: scene.unique('contribute'),
});
const list = (request: (scene: Scene) => JsonObject | Promise<JsonObject>) => async (scene: Scene) => ({
  ...(await request(scene)),
  page_size: 500,
});
/** The same request as one item of a batch. */
const batch = (request: (scene: Scene) => JsonObject | Promise<JsonObject>) => async (scene: Scene) => ({
  items: [await request(scene)],
});
const transfer = (scene: Scene): JsonObject => ({ ...scene.transferRequest(), idempotency_key: scene.unique('again') });

/** Every RPC of the contract, some with several requests. One that is missing here fails the test. */
export const ENTRIES: Readonly<Record<string, Entry>> = {
  ...AUTH_ENTRIES,
  'FairnessService.GetCommitment': { names: ['player'], request: funded, createsPlayer: true },
  'FairnessService.SetClientSeed': {
    names: [],
    request: async (scene) => {
      await scene.funded();
      return { client_seed: 'words', idempotency_key: scene.unique('seed') };
    },
  },
  'FairnessService.ListDraws': { names: ['player'], request: list(async (s) => (await s.draw(), player(s))) },
  'FairnessService.ListStreamDraws': { names: ['stream'], request: async (scene) => scene.stream() },
  'FairnessService.ExportDraws': { names: ['stream'], request: async (scene) => scene.stream() },
  'FairnessService.GetProof': { names: ['draw'], request: async (scene) => ({ draw_id: await scene.draw() }) },
  'FairnessService.GetReceipt': { names: ['draw'], request: async (scene) => ({ draw_id: await scene.draw() }) },
  'FairnessService.GetReceiptKeys': { names: [], request: async () => ({}), open: true },
  'FairnessService.VerifyProof': {
    names: [],
    request: async (scene) => ({ record_proof: await scene.proof() }),
    open: true,
  },
  'GrantService.ListGrants': {
    names: ['player'],
    request: async (scene) => (await scene.grant(), player(scene)),
  },
  'GrantService.ConfirmGrant': { names: ['grant'], request: async (scene) => ({ grant_id: await scene.grant() }) },
  'GrantService.BatchConfirm': {
    names: ['grant'],
    request: async (scene) => ({ items: [{ grant_id: await scene.grant() }] }),
  },
  'JackpotService.ListJackpots': { names: [], request: list(async (scene) => (await scene.jackpot(), {})) },
  'JackpotService.GetJackpot': { names: ['jackpot'], request: pot },
  'JackpotService.GetJackpotCommitments': { names: ['jackpot'], request: pot },
  'JackpotService.ListJackpotHits': { names: ['jackpot'], request: pot },
  'JackpotService.WatchJackpot': {
    names: ['jackpot'],
    request: async (scene) => ({ ...(await pot(scene)), last_event_id: '' }),
  },
  'JackpotService.WatchJackpot since its beginning': {
    names: ['jackpot'],
    request: async (scene) => ({ ...(await pot(scene)), last_event_id: '0' }),
  },
  'JackpotService.ContributeToJackpot': { names: ['player', 'jackpot'], request: contribute, createsPlayer: true },
  'JackpotService.BatchContribute': { names: ['player', 'jackpot'], request: batch(contribute), createsPlayer: true },
  'JackpotService.StreamContributions': {
    names: ['player', 'jackpot'],
    request: batch(contribute),
    createsPlayer: true,
  },
  'JackpotService.DropJackpot': {
    names: ['player', 'jackpot'],
    request: async (scene) => ({
      id: await scene.jackpot(),
      winner_user_id: scene.player,
      reason: 'a gift',
      brand_id: scene.brand,
      idempotency_key: scene.unique('drop'),
    }),
    createsPlayer: true,
  },
  'JackpotService.DropJackpot of the last contributor': {
    names: ['jackpot', 'contributor'],
    request: async (scene) => ({ id: await scene.jackpot(), idempotency_key: scene.unique('drop') }),
  },
  ...JACKPOT_END_ENTRIES,
  'JackpotService.CreateJackpot': {
    names: [],
    request: (scene) => ({ ...POT, id: scene.unique('made') }),
    open: true,
  },
  'JackpotService.UpdateJackpot': {
    names: ['jackpot'],
    request: async (scene) => ({ id: await scene.jackpot(), name: 'New' }),
  },
  'JackpotService.ArchiveJackpot': { names: ['jackpot'], request: async (scene) => ({ id: await scene.jackpot() }) },
  'JackpotService.ListJackpotChanges': { names: ['jackpot'], request: list(pot) },
  'JourneyService.ListJourneys': { names: [], request: list(async (scene) => (await scene.journey(), {})) },
  'JourneyService.GetJourney': { names: ['journey'], request: journey },
  'JourneyService.FireEvent': { names: ['player'], request: event, createsPlayer: true },
  'JourneyService.BatchFireEvent': { names: ['player'], request: batch(event), createsPlayer: true },
  'JourneyService.ListProgress': { names: ['journey'], request: list(journey) },
  'JourneyService.ListProgress of a player': {
    names: ['journey', 'player'],
    request: list(async (scene) => ({ ...(await journey(scene)), ...player(scene) })),
  },
  'JourneyService.CreateJourney': {
    names: [],
    request: (scene) => ({ ...JOURNEY, id: scene.unique('made') }),
    open: true,
  },
  'JourneyService.UpdateJourney': {
    names: ['journey'],
    request: async (scene) => ({ ...(await journey(scene)), name: 'New' }),
  },
  'JourneyService.ArchiveJourney': { names: ['journey'], request: journey },
  'JourneyService.ListJourneyChanges': { names: ['journey'], request: list(journey) },
  'JournalService.FindOperation': {
    names: ['operation'],
    request: async (scene) => ({ operation_id: await scene.funded() }),
  },
  'JournalService.FindOperation by idempotency key': {
    names: ['brand'],
    request: async (scene) => {
      await scene.funded();
      const { idempotency_key: key } = scene.transferRequest();
      return { operation: 'ledger.transfer', idempotency_key: key!, brand_id: scene.brand };
    },
  },
  'JournalService.FindOperation by the key of a player': {
    names: ['brand'],
    request: async (scene) => {
      const key = await scene.openedByPlayer();
      return { operation: 'lootbox.open', idempotency_key: key, ...player(scene) };
    },
  },
  'JournalService.FindOperation by natural key': {
    names: ['brand'],
    request: async (scene) => ({
      operation: 'jackpot.contribute',
      natural_key: scene.unique('wager'),
      definition_id: await scene.jackpot(),
      brand_id: scene.brand,
    }),
  },
  'LedgerService.ListBalances': { names: ['player'], request: funded },
  'LedgerService.ListTransfers': {
    names: ['player'],
    request: list(async (scene) => ({ ...(await funded(scene)), asset: 'WINZ' })),
  },
  'LedgerService.CreateTransfer': { names: ['player'], request: transfer, createsPlayer: true },
  'LedgerService.BatchTransfer': { names: ['player'], request: batch(transfer), createsPlayer: true },
  'LedgerService.ReverseTransfer': {
    names: ['transfer'],
    request: async (scene) => ({ transfer_id: await scene.funded(), idempotency_key: scene.unique('reverse') }),
  },
  'LedgerService.GetTrialBalance': { names: [], request: nothing },
  'LootboxService.ListLootboxes': { names: [], request: list(async (scene) => (await scene.lootbox(), {})) },
  'LootboxService.GetLootbox': { names: ['lootbox'], request: box },
  'LootboxService.GetLootboxOdds': { names: ['lootbox'], request: box },
  'LootboxService.SimulateLootbox': {
    names: ['lootbox'],
    request: async (scene) => ({ ...(await box(scene)), plays: 10 }),
  },
  'LootboxService.OpenLootbox': { names: ['player', 'lootbox'], request: open, createsPlayer: true },
  'LootboxService.BatchOpen': { names: ['player', 'lootbox'], request: batch(open), createsPlayer: true },
  'LootboxService.CreateLootbox': {
    names: [],
    request: (scene) => ({ ...BOX, id: scene.unique('made') }),
    open: true,
  },
  'LootboxService.UpdateLootbox': {
    names: ['lootbox'],
    request: async (scene) => ({ ...(await box(scene)), name: 'New' }),
  },
  'LootboxService.ArchiveLootbox': { names: ['lootbox'], request: box },
  'LootboxService.ListLootboxChanges': { names: ['lootbox'], request: list(box) },
  'PlayerService.CreatePlayer': {
    names: ['brand'],
    request: (scene) => ({ user_id: scene.unique('new'), brand_id: scene.brand, country: 'MT' }),
    createsPlayer: true,
  },
  'PlayerService.GetPlayer': { names: ['player'], request: funded },
  'PlayerService.ListPlayers': {
    names: ['brand'],
    request: list(async (scene) => (await scene.funded(), { brand_id: scene.brand })),
  },
  'PlayerService.UpdatePlayer': {
    names: ['player'],
    request: async (scene) => ({ ...(await funded(scene)), country: 'DE' }),
  },
  'PlayerService.GetLimits': { names: ['player'], request: funded },
  'PlayerService.SetLimits': {
    names: ['player'],
    request: async (scene) => ({
      ...(await funded(scene)),
      limits: [{ kind: 'opens', period: 'month', amount: '100000' }],
    }),
    createsPlayer: true,
  },
  'PlayerService.ExcludePlayer': {
    names: ['player'],
    request: funded,
    createsPlayer: true,
  },
  'PlayerService.LiftExclusion': {
    names: ['player'],
    request: async (scene) => (await scene.excluded(), player(scene)),
  },
  'PlayerService.IssuePlayerToken': { names: ['player'], request: funded, createsPlayer: true },
  ...POTS_ENTRIES,
  ...RAFFLE_ENTRIES,
  ...WEBHOOK_ENTRIES,
  'SystemService.GetHealth': { names: [], request: nothing, open: true },
  ...MINI_GAME_ENTRIES,
  ...TOURNAMENT_ENTRIES,
};
