import type { JsonObject } from '@bufbuild/protobuf';
import type { Scene } from './scene.ts';
import type { Entry } from './tenancy-things.ts';

const OWNER = 'demo';
const owned = (scene: Scene): JsonObject => ({ owner_id: OWNER, source_id: scene.unique('source') });
const grouped = (scene: Scene): JsonObject => ({ owner_id: OWNER, segment_id: scene.unique('segment') });
const source = async (scene: Scene): Promise<JsonObject> => ({ ...owned(scene), source_id: [await scene.source()] });
const segment = async (scene: Scene): Promise<JsonObject> => ({ owner_id: OWNER, segment_id: await scene.segment() });
const to = async (scene: Scene): Promise<JsonObject> => ({ instance_id: await scene.instance() });
const first = async (scene: Scene): Promise<JsonObject> => ({ priorities: { [await scene.instance()]: 1 } });

/** See tenancy-table.ts. What a batch names of others is told to have failed, as what does not exist. */
export const POTS_CONFIG_ENTRIES: Readonly<Record<string, Entry>> = {
  'CurrencyService.ListCurrencies': { names: [], request: async (scene) => (await scene.currencies(), {}) },
  'CurrencyService.GetCurrencies': {
    names: ['owning brand'],
    request: async (scene) => ({ brand_id: await scene.currencies() }),
  },
  'CurrencyService.SetCurrencies': {
    names: ['owner'],
    request: () => ({ brand_id: OWNER, base_currency: 'EUR', multipliers: { EUR: 1 } }),
  },
  'SourceService.ListSources': {
    names: ['owner'],
    request: async (scene) => ({ owner_id: OWNER, source_id: await scene.source() }),
  },
  'SourceService.AddSources': {
    names: [],
    request: async (scene) => ({
      items: [{ ...owned(scene), source_name: 'New', jackpots: [{ ...(await to(scene)), priority: 0 }] }],
    }),
    open: true,
  },
  'SourceService.DeleteSources': {
    names: [],
    request: async (scene) => ({ items: [{ owner_id: OWNER, source_id: await scene.source() }] }),
    open: true,
  },
  'SourceService.AssignSourceJackpot': {
    names: ['owner', 'instance'],
    request: async (scene) => ({ ...(await source(scene)), ...(await to(scene)) }),
  },
  'SourceService.PrioritiseSource': {
    names: ['owner'],
    request: async (scene) => {
      const id = await scene.source();
      return { brand_id: OWNER, segment_id: id, source_id: id, ...(await first(scene)) };
    },
  },
  'SourceService.UnassignSourceJackpot': {
    names: ['owner'],
    request: async (scene) => ({ ...(await source(scene)), ...(await to(scene)) }),
  },
  'InstanceService.GetInstanceForSource': {
    names: ['owning brand'],
    request: async (scene) => ({
      source_id: await scene.source(),
      brand_id: 'demo:main',
      player_id: await scene.optedIn(),
      country_code: 'MT',
      segments: [await scene.segment()],
    }),
  },
  'OperatorService.ListOperators': { names: [], request: () => ({ owner_id: OWNER }) },
  'OperatorService.GetOperator': { names: ['owner'], request: () => ({ operator_id: OWNER }) },
  'OperatorService.SaveOperators': {
    names: [],
    request: (scene) => ({ items: [{ id: `${OWNER}:${scene.unique('saved')}`, name: 'New' }] }),
    open: true,
  },
  'OperatorService.AddBrands': {
    names: ['owner'],
    request: (scene) => ({ operator_id: OWNER, items: [{ id: scene.unique('added'), name: 'New' }] }),
  },
  'OperatorService.UpdateOperator': {
    names: ['owner'],
    request: () => ({ operator_id: OWNER, brand_id: 'main', name: 'New', enabled: true }),
  },
  'MetricsService.GetMetrics': { names: [], request: async (scene) => (await scene.instance(), {}) },
  'SegmentService.ListSegments': {
    names: ['owner'],
    request: async (scene) => (await scene.segment(), { brand_id: OWNER }),
  },
  'SegmentService.AddSegments': {
    names: [],
    request: async (scene) => ({
      items: [
        {
          owner_id: OWNER,
          id: scene.unique('segment'),
          priority: 0,
          jackpots: [{ ...(await to(scene)), priority: 0 }],
        },
      ],
    }),
    open: true,
  },
  'SegmentService.DeleteSegments': {
    names: [],
    request: async (scene) => (await scene.segment(), { items: [grouped(scene)] }),
    open: true,
  },
  'SegmentService.AssignSegmentJackpot': {
    names: ['owner', 'instance'],
    request: async (scene) => ({ ...(await segment(scene)), ...(await to(scene)) }),
  },
  'SegmentService.PrioritiseSegment': {
    names: ['owner'],
    request: async (scene) => ({ brand_id: OWNER, segment_id: await scene.segment(), ...(await first(scene)) }),
  },
  'SegmentService.UnassignSegmentJackpot': {
    names: ['owner'],
    request: async (scene) => ({ ...(await segment(scene)), ...(await to(scene)) }),
  },
  'WalletService.GetWalletConfiguration': { names: [], request: () => ({}) },
  'WalletService.ListWalletCredits': {
    names: ['instance'],
    request: async (scene) => ({ instance_id: await scene.instance() }),
  },
  'WalletService.SetWalletConfiguration': { names: [], request: () => ({ wallet_type: 'InMemory' }), open: true },
};
