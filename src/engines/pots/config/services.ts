import { CurrencyServiceService } from '../../../../gen/ts/windfall/pots/v1/currency.ts';
import { MetricsServiceService } from '../../../../gen/ts/windfall/pots/v1/metrics.ts';
import { OperatorServiceService } from '../../../../gen/ts/windfall/pots/v1/operator.ts';
import { SegmentServiceService } from '../../../../gen/ts/windfall/pots/v1/segment.ts';
import { SourceServiceService } from '../../../../gen/ts/windfall/pots/v1/source.ts';
import { WalletServiceService } from '../../../../gen/ts/windfall/pots/v1/wallet.ts';
import type { Served } from '../../kit/index.ts';
import { currencyOperations } from './currency-service.ts';
import { metricsOperations } from './metrics-service.ts';
import { operatorOperations } from './operator-service.ts';
import { segmentOperations } from './segment-service.ts';
import { sourceOperations } from './source-service.ts';
import { listWalletCredits } from '../operations/list-wallet-credits.ts';
import { walletOperations } from './wallet-service.ts';

/** The services of what operators configure. */
export const configServices: readonly Served[] = [
  { service: CurrencyServiceService, operations: currencyOperations },
  { service: MetricsServiceService, operations: metricsOperations },
  { service: OperatorServiceService, operations: operatorOperations },
  { service: SegmentServiceService, operations: segmentOperations },
  { service: SourceServiceService, operations: sourceOperations },
  { service: WalletServiceService, operations: { ...walletOperations, listWalletCredits } },
];
