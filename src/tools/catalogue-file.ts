import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { CreateJackpotRequest, PotInput } from '../../gen/windfall/jackpot/v1/jackpot.ts';
import type { CreateTransferRequest } from '../../gen/windfall/ledger/v1/ledger.ts';
import type { CreateLootboxRequest } from '../../gen/windfall/lootbox/v1/lootbox.ts';
import type { CreatePlayerRequest } from '../../gen/windfall/player/v1/player.ts';

interface Reward { readonly segment_label: string; readonly asset: string; readonly amount: number }

/** What a file may hold; the fields are those of the contract. */
export interface Catalogue {
  readonly lootboxes?: readonly {
    readonly id: string;
    readonly name?: string;
    readonly price?: { readonly asset: string; readonly amount: string };
    readonly rolls?: number;
    readonly prizes: readonly (Reward & { readonly weight: number })[];
    readonly guaranteed?: readonly Reward[];
  }[];
  /** Pots as the contract's PotInput has them. */
  readonly jackpots?: readonly {
    readonly id: string;
    readonly name?: string;
    readonly asset: string;
    readonly seed_usd?: number;
    readonly pots?: readonly Record<string, unknown>[];
    readonly funding?: string;
    readonly win_selector?: string;
  }[];
  readonly players?: readonly {
    readonly user_id: string; readonly brand_id?: number; readonly country?: string; readonly currency?: string;
    readonly vip_level?: number;
  }[];
  readonly transfers?: readonly {
    readonly idempotency_key: string; readonly from: Side; readonly to: Side; readonly asset: string; readonly amount: string;
  }[];
}

interface Side { readonly kind: string; readonly user_id?: string; readonly brand_id?: number }

const SECTIONS = new Set(['lootboxes', 'jackpots', 'players', 'transfers']);

/** Reads a file of definitions. Throws an Error that names what it does not know. */
export function readCatalogue(file: string): Catalogue {
  const content = parse(readFileSync(file, 'utf8')) as Catalogue | null;
  for (const section of Object.keys(content ?? {})) {
    if (!SECTIONS.has(section)) throw new Error(`${file}: there is no section ${section}; known are ${[...SECTIONS].join(', ')}`);
  }
  return content ?? {};
}

export function lootboxRequest(wanted: NonNullable<Catalogue['lootboxes']>[number]): CreateLootboxRequest {
  const reward = ({ segment_label, asset, amount }: Reward) => ({ segmentLabel: segment_label, asset, amount });
  return {
    id: wanted.id,
    name: wanted.name ?? wanted.id,
    price: wanted.price,
    rolls: wanted.rolls ?? 1,
    prizes: wanted.prizes.map((prize) => ({ ...reward(prize), weight: prize.weight })),
    guaranteed: (wanted.guaranteed ?? []).map(reward),
    idempotencyKey: '',
  };
}

export function jackpotRequest(wanted: NonNullable<Catalogue['jackpots']>[number]): CreateJackpotRequest {
  return {
    id: wanted.id,
    name: wanted.name ?? wanted.id,
    asset: wanted.asset,
    seedUsd: wanted.seed_usd ?? 0,
    pots: (wanted.pots ?? []).map(potRequest),
    funding: wanted.funding ?? '',
    winSelector: wanted.win_selector ?? '',
    idempotencyKey: '',
  };
}

/** A pot of a file, whose fields are the contract's: what it leaves out is empty. */
function potRequest(pot: Readonly<Record<string, unknown>>): PotInput {
  const text = (name: string): string => String(pot[name] ?? '');
  const hitRate = pot['hit_rate'] as { readonly cost: unknown; readonly odds: number } | undefined;
  for (const name of Object.keys(pot)) if (!POT_FIELDS.has(name)) throw new Error(`a pot has no ${name}`);
  return {
    id: text('id'), share: text('share'), seedShare: text('seed_share'), seed: text('seed'), initialSeed: text('initial_seed'),
    surplusSeed: text('surplus_seed'), fundStrategy: text('fund_strategy'), reseedStrategy: text('reseed_strategy'),
    fixedValue: pot['fixed_value'] === true, maxValue: text('max_value'), externalDrop: pot['external_drop'] === true,
    hitRate: hitRate === undefined ? undefined : { cost: String(hitRate.cost), odds: BigInt(hitRate.odds) },
    mustDropValue: text('must_drop_value'), mustDropSeconds: Number(pot['must_drop_seconds'] ?? 0),
  };
}

export function playerRequest(wanted: NonNullable<Catalogue['players']>[number]): CreatePlayerRequest {
  return {
    userId: wanted.user_id, brandId: wanted.brand_id ?? 0, country: wanted.country ?? '', currency: wanted.currency ?? '',
    vipLevel: wanted.vip_level ?? 0, idempotencyKey: '',
  };
}

export function transferRequest({ idempotency_key, from, to, asset, amount }: NonNullable<Catalogue['transfers']>[number]): CreateTransferRequest {
  const side = ({ kind, user_id, brand_id }: Side) => ({ kind, userId: user_id ?? '', brandId: brand_id ?? 0 });
  return { from: side(from), to: side(to), asset, amount: String(amount), idempotencyKey: idempotency_key };
}

const POT_FIELDS = new Set([
  'id', 'share', 'seed_share', 'seed', 'initial_seed', 'surplus_seed', 'fund_strategy', 'reseed_strategy', 'fixed_value',
  'max_value', 'external_drop', 'hit_rate', 'must_drop_value', 'must_drop_seconds',
]);
