import type { Platform } from '../shared/service.ts';
import type { ConsolidatedStore } from './charging/consolidated/consolidated-store.ts';
import type { PaymentQueue } from './charging/payment-queue.ts';
import type { Gateways } from './gateways/gateways.ts';
import type { RefundQueue } from './refunds/refund-queue.ts';
import type { PaymentStore } from './store.ts';
import type { SyncCharge } from './sync-charge.ts';

/** The parts that reactions work with. */
export type PaymentParts = {
  readonly platform: Platform;
  readonly store: PaymentStore;
  readonly consolidatedPayments: ConsolidatedStore;
  readonly paymentQueue: PaymentQueue;
  readonly refundQueue: RefundQueue;
  readonly gateways: Gateways;
  readonly syncCharge: SyncCharge;
};
