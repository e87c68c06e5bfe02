import { InstanceServiceService } from '../../../../gen/ts/windfall/pots/v1/instance.ts';
import type { OperationOf } from '../../../platform/index.ts';
import { changeInstance, ofInstance } from '../instance-change.ts';
import { ownerOf } from '../owner.ts';

const { assignBrand: assign, removeBrand: remove } = InstanceServiceService;

/** Lets the players of a brand contribute to an instance. */
export const assignBrand: OperationOf<typeof assign> =
  (platform) =>
  async ({ brandId, instanceId }, context) => {
    const brand = BigInt(ownerOf(await platform.tenants.of(context.caller.operator), context.caller, brandId));
    const edit = ofInstance(({ brands }) => ({ brands: brands.includes(brand) ? brands : [...brands, brand] }));
    await changeInstance(platform, context, assign.path, instanceId, edit);
    return { nothing: undefined };
  };

/** Takes a brand from an instance. */
export const removeBrand: OperationOf<typeof remove> =
  (platform) =>
  async ({ brandId, instanceId }, context) => {
    const brand = BigInt(ownerOf(await platform.tenants.of(context.caller.operator), context.caller, brandId));
    const edit = ofInstance(({ brands }) => ({ brands: brands.filter((one) => one !== brand) }));
    await changeInstance(platform, context, remove.path, instanceId, edit);
    return { nothing: undefined };
  };
