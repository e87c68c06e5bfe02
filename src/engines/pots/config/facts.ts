import {
  PotsCurrenciesSet,
  PotsOperatorChanged,
  PotsRouteChanged,
  PotsWalletSet,
  PotsWalletSetV2,
} from '../../../../gen/ts/windfall/facts/v1/pots_config.ts';
import { defineFact, type FactKind } from '../../../journal/index.ts';

/** A fact of an administrative write. */
const administrative = <Data>(name: string, number: number, codec: FactKind<Data>['codec']): FactKind<Data> =>
  defineFact<Data>({ name, number, version: 1, aggregate: null, codec, evolve: () => undefined });

/** Of the brand with this number; 0: the operator's own. */
export const currenciesSet = administrative('pots.currencies-set', 1610, PotsCurrenciesSet);
export const routeChanged = administrative('pots.route-changed', 1611, PotsRouteChanged);
export const walletSetV1 = administrative('pots.wallet-set', 1612, PotsWalletSet);
export const walletSet: FactKind<PotsWalletSetV2> = defineFact<PotsWalletSetV2>({
  ...administrative('pots.wallet-set', 1612, PotsWalletSetV2),
  version: 2,
});

/** Of the brand with this number; 0: the operator itself. */
export const operatorChanged = administrative('pots.operator-changed', 1613, PotsOperatorChanged);

export const configFacts = [currenciesSet, routeChanged, walletSetV1, walletSet, operatorChanged];
