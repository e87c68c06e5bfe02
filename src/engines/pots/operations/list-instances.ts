import { InstanceServiceService } from '../../../../gen/ts/windfall/pots/v1/instance.ts';
import { findDefinitions, shownOf, statusNumber, type Status } from '../../../catalogue/index.ts';
import { invalid } from '../../../kernel/index.ts';
import { read } from '../../../platform/index.ts';
import { instanceMessages } from '../instance-found.ts';
import { STATUS_WORDS } from '../instance-view.ts';
import { instances } from '../instances.ts';
import { findListed, type ListFilter } from '../listing.ts';
import { isVisible, ownerOf } from '../owner.ts';

const LIMIT = 50;
const IDS_MAX = 100;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const STATUSES = new Map(
  Object.entries(STATUS_WORDS).map(([status, word]) => [word, [statusNumber(status as Status)]] as const),
);
const SORTS: Readonly<Record<string, ListFilter['sort']>> = {
  '': 'created_at',
  created: 'created_at',
  name: 'name',
  id: 'code',
  status: 'status',
};

/** Lists the operator's instances. */
export const listInstances = read(
  InstanceServiceService.listInstances,
  (platform) =>
    async ({ ownerId, status, name, ids, sortField, sortDirection, page, limit }, { caller }) => {
      const { operator } = caller;
      const codes = idsOf(ids);
      const tenant = await platform.tenants.of(operator);
      const found = await findListed(platform.reads, operator, instances.engine, {
        name,
        codes,
        page,
        kind: 'instance',
        brandId: ownerId === '' ? null : ownerOf(tenant, caller, ownerId),
        statuses: STATUSES.get(status) ?? null,
        sort: SORTS[sortField]!,
        descending: sortDirection === 0 ? sortField === '' : sortDirection < 0,
        limit: limit || LIMIT,
      });
      const shown = (await findDefinitions(platform.reads, operator, found)).map((one) => shownOf(instances, one));
      const visible = shown.filter(({ content }) => isVisible(caller, Number(content.instance!.brand)));
      return { instances: await instanceMessages(platform, caller, visible) };
    },
);

/** The ids of a list with commas; null: none is given. Throws INVALID_ARGUMENT. */
function idsOf(text: string): string[] | null {
  if (text === '') return null;
  const ids = text.toLowerCase().split(',');
  if (ids.length > IDS_MAX || !ids.every((id) => UUID.test(id)))
    throw invalid('ids', `must be up to ${IDS_MAX} UUIDs, separated by commas`);
  return ids;
}
