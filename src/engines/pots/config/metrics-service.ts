import { Counter, Gauge, Registry } from 'prom-client';
import type { JackpotDefinitionV2 } from '../../../../gen/ts/windfall/facts/v1/jackpot.ts';
import { MetricsServiceService } from '../../../../gen/ts/windfall/pots/v1/metrics.ts';
import {
  findDefinitions,
  readShownRows,
  shownOf,
  statusNumber,
  type Shown,
  type ShownRows,
} from '../../../catalogue/index.ts';
import { toNumber } from '../../../kernel/index.ts';
import { read } from '../../../platform/index.ts';
import type { Tenant } from '../../../tenants/index.ts';
import { jackpot, pot as pots, type JackpotRow, type PotRow } from '../../jackpot/index.ts';
import { instances } from '../instances.ts';
import { meterWallet } from '../wallet/meters.ts';
import { findListed } from '../listing.ts';
import { isVisible, ownerName } from '../owner.ts';
import { withheldSums, type HeldSum } from '../withheld.ts';

/** How many instances are metered. */
const METERED_MAX = 1000;

type Kind = typeof Counter | typeof Gauge;
type Meter<Row> = readonly [Kind, name: string, help: string, of: (row: Row) => number];

type InstanceRow = JackpotRow & { readonly withheld: HeldSum };

const INSTANCE_METERS: readonly Meter<InstanceRow>[] = [
  [Counter, 'contributions_total', 'Contributions.', (row) => row.contributions],
  [Counter, 'contributed_total', 'Their sum.', (row) => toNumber(row.contributed)],
  [Gauge, 'house_value', 'What the house has collected.', (row) => toNumber(row.house)],
  [Gauge, 'withheld_wins', 'Wins that wait for a release or a rejection.', (row) => row.withheld.wins],
  [Gauge, 'withheld_value', 'Their value.', (row) => toNumber(row.withheld.value)],
];
const POT_METERS: readonly Meter<PotRow>[] = [
  [Gauge, 'pot_value', 'What a win pays now.', (row) => toNumber(row.value)],
  [Gauge, 'pot_seed_value', 'Its seed reserve.', (row) => toNumber(row.reserve)],
  [Gauge, 'pot_surplus_seed_value', 'What the operator has set aside for its starts.', (row) => toNumber(row.surplus)],
  [Counter, 'pot_contributed_total', 'Its shares of contributions.', (row) => toNumber(row.contributed)],
  [Counter, 'pot_overflow_total', 'What did not fit under its cap.', (row) => toNumber(row.overflow)],
  [Counter, 'pot_wins_total', 'Wins.', (row) => row.hits],
  [Counter, 'pot_paid_total', 'The value of its wins.', (row) => toNumber(row.paid)],
  [Counter, 'pot_instantiations_total', 'Its starts.', (row) => row.cycle],
];
const LABELS = ['instance_id', 'owner_id', 'currency'];

/** Returns the meters of the operator's instances. */
const getMetrics = read(MetricsServiceService.getMetrics, (platform) => async (_, { caller }) => {
  const { reads, tenants } = platform;
  const { operator } = caller;
  const ids = await findListed(reads, operator, instances.engine, {
    brandId: null,
    kind: 'instance',
    name: '',
    codes: null,
    statuses: [statusNumber('active'), statusNumber('paused')],
    sort: 'created_at',
    descending: true,
    page: 0,
    limit: METERED_MAX,
  });
  const shown = (await findDefinitions(reads, operator, ids)).map((one) => shownOf(instances, one));
  const visible = shown.filter(({ content }) => isVisible(caller, Number(content.instance!.brand)));
  const contents = visible.map(({ content }) => content);
  const rows = await readShownRows(reads, instances, operator, contents);
  const tenant = await tenants.of(operator);
  const jackpotIds = contents.map((content) => Number(content.jackpot));
  const registry = metricsOf(tenant, visible, rows, await withheldSums(reads, operator, jackpotIds));
  if (caller.brand === null) await meterWallet(platform, tenant, registry);
  return { metrics: await registry.metrics() };
});

/** The operations of MetricsService. */
export const metricsOperations = { getMetrics };

function metricsOf(
  tenant: Tenant,
  all: readonly Shown<JackpotDefinitionV2>[],
  rows: ShownRows,
  withheld: ReadonlyMap<number, HeldSum>,
): Registry {
  const registry = new Registry();
  const ofInstances = INSTANCE_METERS.map((meter) => metered(registry, meter, LABELS));
  const ofPots = POT_METERS.map((meter) => metered(registry, meter, [...LABELS, 'pot_id']));
  for (const { code, content } of all) {
    const { jackpot: id, asset: currency, instance } = content;
    const labels = { instance_id: code, owner_id: ownerName(tenant, Number(instance!.brand)), currency };
    const held = withheld.get(Number(id)) ?? { wins: 0, value: 0n };
    for (const set of ofInstances) set(labels, { ...rows.row(jackpot, Number(id)), withheld: held });
    for (const pot of content.pots)
      for (const set of ofPots) set({ ...labels, pot_id: pot.code }, rows.row(pots, Number(pot.pot)));
  }
  return registry;
}

/** Registers a meter. Returns how its value for some labels is set. */
function metered<Row>(registry: Registry, [Kind, name, help, of]: Meter<Row>, labelNames: string[]) {
  const meter = new Kind({ name: `windfall_pots_${name}`, help, labelNames, registers: [registry] });
  return (labels: Record<string, string>, row: Row): void => meter.inc(labels, of(row));
}
