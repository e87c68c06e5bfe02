import type {
  CreateLootboxRequest, GetLootboxOddsResponse, GuaranteedInput, Lootbox as LootboxMessage, OpenLootboxResponse, Prize, Price,
  PrizeInput, Reward, UpdateLootboxRequest,
} from '../../../gen/windfall/lootbox/v1/lootbox.ts';
import { bindTable } from '../../fairness/index.ts';
import { formatDecimal, fromNumber, invalid, parseDecimal, Refusal, toNumber } from '../../kernel/index.ts';
import { expectedValue, oddsOf, tableIssues } from '../../prizes/index.ts';
import type { OpenAnswer } from './commands/open.ts';
import { status } from './entities.ts';
import type { StoredLootbox } from './queries.ts';
import { prizeTable, type Definition } from './rules.ts';

const date = (micros: number): Date => new Date(micros / 1000);
const numberOf = (decimal: string): number => toNumber(parseDecimal(decimal)!);

/** A new lootbox's definition. Refuses what the field rules cannot say. */
export function definitionOf(request: CreateLootboxRequest): Definition {
  return checked({
    name: request.name || request.id,
    price: priceOf(request.price),
    rolls: request.rolls || 1,
    prizes: request.prizes.map((prize, i) => ({ ...rewardOf(prize, `prizes[${i}]`), weight: prize.weight })),
    guaranteed: request.guaranteed.map((reward, i) => rewardOf(reward, `guaranteed[${i}]`)),
  });
}

/** A definition with what an update sets. */
export function updatedDefinition(before: Definition, request: UpdateLootboxRequest): Definition {
  const { prizes, guaranteed } = request;
  return checked({
    name: request.name ?? before.name,
    price: request.price === undefined ? before.price : priceOf(request.price),
    rolls: request.rolls || before.rolls,
    prizes: prizes.length === 0 ? before.prizes
      : prizes.map((prize, i) => ({ ...rewardOf(prize, `prizes[${i}]`), weight: prize.weight })),
    guaranteed: request.clearGuaranteed ? []
      : guaranteed.length === 0 ? before.guaranteed : guaranteed.map((reward, i) => rewardOf(reward, `guaranteed[${i}]`)),
  });
}

function checked(definition: Definition): Definition {
  const fields = tableIssues(prizeTable(definition), 'lootbox');
  if (fields.length > 0) throw new Refusal('INVALID_ARGUMENT', `${fields[0]!.field} ${fields[0]!.description}`, { fields });
  const labels = new Set<string>();
  definition.prizes.forEach(({ label }, i) => {
    if (labels.has(label)) throw invalid(`prizes[${i}].segment_label`, 'is in the table twice');
    labels.add(label);
  });
  return definition;
}

function rewardOf({ segmentLabel, asset, amount }: PrizeInput | GuaranteedInput, field: string) {
  const micros = fromNumber(amount);
  if (micros === undefined) throw invalid(`${field}.amount`, 'must have at most 6 decimals');
  return { label: segmentLabel, asset, amount: formatDecimal(micros) };
}

function priceOf(price: Price | undefined): Definition['price'] {
  const amount = parseDecimal(price?.amount || '0')!;
  if (price === undefined || amount === 0n) return null;
  if (price.asset === '') throw invalid('price.asset', 'must name an asset where there is a price');
  return { asset: price.asset, amount: formatDecimal(amount) };
}

/** The bytes of a definition's config hash. */
export function configHashOf(definition: Definition): Buffer {
  return Buffer.from(bindTable(prizeTable(definition)).configHash, 'hex');
}

/** A lootbox as it looks outside. */
export function lootboxMessage({ head, definition, configHash }: StoredLootbox): LootboxMessage {
  return {
    id: head.code,
    name: definition.name,
    status: head.status === status.active ? 'active' : 'archived',
    version: head.version,
    configHash,
    price: definition.price ?? undefined,
    rolls: definition.rolls,
    prizes: prizeMessages(definition),
    guaranteed: definition.guaranteed.map(guaranteedMessage),
    createTime: date(head.createdAt),
    updateTime: date(head.updatedAt),
  };
}

/** What one open gives, exactly. */
export function oddsMessage({ head, definition, configHash }: StoredLootbox): GetLootboxOddsResponse {
  const table = prizeTable(definition);
  return {
    id: head.code,
    version: head.version,
    configHash,
    config: bindTable(table).config,
    rolls: definition.rolls,
    prizes: prizeMessages(definition),
    guaranteed: definition.guaranteed.map(guaranteedMessage),
    expected: [...expectedValue(table)].map(([asset, amount]) => ({ asset, amount: formatDecimal(amount) })),
  };
}

function prizeMessages(definition: Definition): Prize[] {
  const odds = oddsOf(prizeTable(definition));
  return definition.prizes.map(({ label, asset, amount, weight }, i) => ({
    segmentLabel: label, asset, amount: numberOf(amount), weight,
    odds: odds[i]!.fraction, probability: odds[i]!.probability,
  }));
}

function guaranteedMessage({ label, asset, amount }: Definition['guaranteed'][number]): Reward {
  return { segmentLabel: label, asset, amount: numberOf(amount) };
}

/** The outcome of an open. @param assetCode the code of an asset's number. */
export function openedMessage(answer: OpenAnswer, assetCode: (asset: number) => string): OpenLootboxResponse {
  const { opened } = answer;
  const draw = opened.draw!;
  const opens = opened.opens.map(({ rewards }, sub) => {
    const won = rewards.map(({ label, asset, amount }) => (
      { segmentLabel: label, asset: assetCode(Number(asset)), amount: toNumber(amount) }));
    return { sub, reward: won[0], rewards: won };
  });
  return {
    openId: answer.operationId,
    reward: opens[0]!.reward,
    rewards: opens[0]!.rewards,
    opens,
    serverSeed: answer.serverSeed,
    serverSeedHash: answer.serverSeedHash,
    nextServerSeedHash: answer.nextServerSeedHash,
    clientSeed: draw.clientSeed,
    nonce: draw.position,
    configHash: Buffer.from(draw.configHash).toString('hex'),
    lootboxVersion: Number(opened.version),
    pricePaid: opened.price === 0n ? undefined
      : { asset: assetCode(Number(opened.priceAsset)), amount: formatDecimal(opened.price) },
    openTime: date(answer.time),
    deduped: answer.replayed,
  };
}
