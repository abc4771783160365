import type { InvoiceResource } from '../../shared/contracts/invoice-resource.ts';
import type { PaymentResource } from '../../shared/contracts/payment-resource.ts';
import type { MarqueeEvent } from '../../shared/events.ts';
import { giftCodeHash, newGiftCode } from '../../shared/gift-code.ts';
import { hashOf } from '../../shared/idempotency.ts';
import { isId } from '../../shared/ids.ts';
import { keyedId } from '../../shared/new-id.ts';
import { type Problem, problem } from '../../shared/problem.ts';
import { type RouteRequest, refused } from '../../shared/route.ts';
import type { Platform, Reaction } from '../../shared/service.ts';
import { customerOf } from '../customers.ts';
import { boughtBy, customerNotFound } from '../start.ts';
import type { Store } from '../store.ts';
import type { TimeOf } from '../test-clocks/time.ts';
import { type Gift, type GiftBody, giftInvoiceId, giftPrice, giftPurchased, giftRetryDue } from './gift.ts';
import { type GiftStore, giftResource, type StoredGift } from './gift-store.ts';

export type Gifts = ReturnType<typeof createGifts>;

/** Buying gifts, and what becomes of their one payment. The gift is stored before its purchase is told, and told again after a crash. */
export function createGifts(platform: Platform, store: Pick<Store, 'plans'>, gifts: GiftStore, timeOf: TimeOf) {
  const tell = async (gift: StoredGift): Promise<void> => {
    const event = giftPurchased(giftResource(gift), gift.terms);
    await platform.publish([event]);
    await gifts.told(gift.id);
    if (gift.testClock !== null) await platform.settlement.settled([event.id], millisToWaitForClock);
  };

  const buy = async ({
    body,
    idempotencyKey,
  }: RouteRequest<GiftBody, undefined>): Promise<(Gift & { readonly code?: string }) | Problem> => {
    const known = await customerOf(platform, body.customerId);
    if (!known) return customerNotFound(body.customerId);
    const bought = await boughtBy(body, known.customer, store);
    if (!bought.ok) return refused(bought.rejection);
    const { terms } = bought.value;
    const [id, code] = [body.id ?? keyedId('gift', idempotencyKey), newGiftCode()];
    const { testClock } = known.customer;
    const stored = await gifts.buy({
      ...{ ...body, id, interval: terms.plan.interval, price: giftPrice(terms, body.periods), invoiceId: giftInvoiceId(id) },
      ...{ status: 'pending', failedAttempts: 0, redeemedBy: null, subscriptionId: null, testClock },
      ...{ createdAt: await timeOf(testClock), terms, codeHash: giftCodeHash(code), bodyHash: hashOf(body), purchaseOwed: true },
    });
    if (stored.bodyHash !== hashOf(body)) return problem(409, 'already-exists', `${id} is another gift.`);
    if (stored.purchaseOwed) await tell(stored);
    const after = (await gifts.find(id)) ?? stored;
    return { ...giftResource(after), ...(after.codeHash === giftCodeHash(code) && { code }) };
  };

  return {
    buy,
    /** Tries a failed payment once more; undefined where nothing has failed. */
    retry: async (id: string): Promise<Gift | undefined> => {
      const gift = await gifts.find(id);
      if (gift?.status !== 'payment-failed') return undefined;
      await platform.publish([giftRetryDue(giftResource(gift), await timeOf(gift.testClock))]);
      return giftResource(gift);
    },
    recover: async (): Promise<void> => {
      for (const gift of await gifts.owingPurchase()) await tell(gift);
    },
    reactions: [
      {
        to: ['invoice.finalised', 'invoice.paid', 'invoice.voided', 'invoice.marked-uncollectible'],
        handle: async (events: readonly MarqueeEvent<InvoiceResource>[]) => {
          for (const { data } of events.filter(isOfGift)) {
            if (data.status === 'paid') await gifts.paid(data.subscriptionId);
            if (data.status === 'void' || data.status === 'uncollectible') await gifts.cancelled(data.subscriptionId);
          }
        },
      },
      {
        to: ['payment.declined', 'payment.action-required'],
        handle: async (events: readonly MarqueeEvent<PaymentResource>[]) => {
          for (const { data } of events.filter(isOfGift)) await gifts.failed(data.subscriptionId, data.attempt);
        },
      },
    ] satisfies Reaction[],
  };
}

const millisToWaitForClock = 15_000;

const isOfGift = ({ data }: MarqueeEvent<{ readonly subscriptionId: string }>): boolean => isId('gift', data.subscriptionId);
