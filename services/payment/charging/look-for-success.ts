import { nowOn } from '../../shared/domain-time.ts';
import type { Platform } from '../../shared/service.ts';
import type { Gateways } from '../gateways/gateways.ts';
import type { Payment } from '../payment.ts';
import type { PaymentStore } from '../store.ts';
import { consolidatedAttempt } from './consolidated/consolidated-payment.ts';
import type { ConsolidatedStore } from './consolidated/consolidated-store.ts';
import { findSuccess } from './look-up.ts';
import type { PaymentQueue } from './payment-queue.ts';
import { decidedOn } from './payment-transitions.ts';

/**
 * Settles a declined or cancelled payment as successful where its gateway has charged it after all:
 * a customer may pay with another card in the form that the app still shows. Throws where a gateway
 * does not respond, or where another writer moves the payment on; a repeat is safe.
 */
export type LookForSuccess = (payment: Payment) => Promise<void>;

type Parts = {
  readonly platform: Platform;
  readonly store: PaymentStore;
  readonly consolidatedPayments: ConsolidatedStore;
  readonly gateways: Gateways;
  readonly paymentQueue: PaymentQueue;
};

export const createLookForSuccess =
  ({ platform, store, consolidatedPayments, gateways, paymentQueue }: Parts): LookForSuccess =>
  async (payment) => {
    const { jointId, _id, testClock } = payment;
    const charged = jointId ? consolidatedAttempt(await consolidatedPayments.find(jointId), payment) : payment;
    const at = await nowOn(platform, testClock);
    const found = await findSuccess(gateways, charged, at);
    if (found === undefined) return;
    if ('kind' in found) throw new Error(`the gateway does not respond about ${_id}`);
    const decided = decidedOn(payment, { ...found, at }, platform.now());
    if (!(await store.decide(payment, decided))) throw new Error(`the payment ${_id} was changed concurrently`);
    paymentQueue.add([decided]);
  };
