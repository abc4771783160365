import type { Platform } from '../shared/service.ts';
import type { JointStore } from './charging/consolidated/store.ts';
import type { Cashier } from './charging/payment-queue.ts';
import type { Gateways } from './gateways/gateways.ts';
import type { Refunding } from './refunds/refund-queue.ts';
import type { PaymentStore } from './store.ts';
import type { Look } from './sync-charge.ts';

export type PaymentParts = {
  readonly platform: Platform;
  readonly store: PaymentStore;
  readonly joints: JointStore;
  readonly cashier: Cashier;
  readonly refunding: Refunding;
  readonly gateways: Gateways;
  readonly lookAtReturns: Look;
};
