import type { PotsInstance, PotsRules } from '../../../../gen/ts/windfall/facts/v1/pots.ts';
import { InstanceServiceService } from '../../../../gen/ts/windfall/pots/v1/instance.ts';
import type { OperationOf } from '../../../platform/index.ts';
import { invalid } from '../../../kernel/index.ts';
import { changeInstance, ofInstance } from '../instance-change.ts';

const service = InstanceServiceService;
type List = 'allowedCountries' | 'blacklistedCountries';
/** The four methods have requests and responses of one shape. */
type Change = OperationOf<typeof service.allowCountry>;

/** As many as the contract allows in a template. */
const COUNTRIES_MAX = 250;

/** Puts a country into one of the lists of an instance, or takes it out. @param path of the RPC. */
const countries =
  (path: string, list: List, change: (countries: readonly string[], code: string) => string[]): Change =>
  (platform) =>
  async ({ instanceId, countryCode }, context) => {
    const edit = ofInstance(({ rules }): Partial<PotsInstance> => {
      const changed: PotsRules = { ...rules!, [list]: change(rules![list], countryCode) };
      return { rules: changed };
    });
    await changeInstance(platform, context, path, instanceId, edit);
    return { nothing: undefined };
  };

function withCountry(codes: readonly string[], code: string): string[] {
  if (codes.includes(code)) return [...codes];
  if (codes.length === COUNTRIES_MAX) throw invalid('country_code', `would be one more than ${COUNTRIES_MAX}`);
  return [...codes, code];
}
const withoutCountry = (codes: readonly string[], code: string): string[] => codes.filter((one) => one !== code);

/** The four operations on the countries of an instance. */
export const countryOperations = {
  allowCountry: countries(service.allowCountry.path, 'allowedCountries', withCountry),
  disallowCountry: countries(service.disallowCountry.path, 'allowedCountries', withoutCountry),
  blacklistCountry: countries(service.blacklistCountry.path, 'blacklistedCountries', withCountry),
  unblacklistCountry: countries(service.unblacklistCountry.path, 'blacklistedCountries', withoutCountry),
};
