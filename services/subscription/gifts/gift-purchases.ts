import type { MarqueeEvent } from '../../shared/events.ts';
import { giftCodeHash, newGiftCode } from '../../shared/gift-code.ts';
import { hashOf } from '../../shared/idempotency.ts';
import { isId } from '../../shared/ids.ts';
import { keyedId } from '../../shared/new-id.ts';
import { type Problem, problem } from '../../shared/problem.ts';
import { type Reaction, reaction } from '../../shared/reaction.ts';
import { type RouteRequest, refused } from '../../shared/route.ts';
import type { Platform } from '../../shared/service.ts';
import { createSweep } from '../../shared/sweep.ts';
import { millisToWaitForClock } from '../command-response.ts';
import { customerNotFound, customerOf } from '../customers.ts';
import { purchaseTerms } from '../purchase.ts';
import type { Store } from '../store.ts';
import type { TimeOf } from '../test-clocks/time.ts';
import { type Gift, type GiftBody, giftInvoiceId, giftPrice, giftPurchased, giftRejection, giftRetryDue } from './gift.ts';
import { type GiftStore, giftResource, type StoredGift } from './gift-store.ts';

export type GiftPurchases = ReturnType<typeof createGiftPurchases>;

type GiftWithCode = Gift & { readonly code?: string };

/**
 * The purchase of gifts, and the outcome of their single payment. A gift is stored before its
 * purchase is published, and published again after a crash.
 */
export function createGiftPurchases(platform: Platform, store: Pick<Store, 'plans'>, gifts: GiftStore, timeOf: TimeOf) {
  const publishPurchase = async (gift: StoredGift): Promise<void> => {
    const event = giftPurchased(giftResource(gift), gift.terms);
    await platform.publish([event]);
    await gifts.markPublished(gift.id);
    if (gift.testClock !== null) await platform.settlement.settled([event.id], millisToWaitForClock);
  };

  /**
   * Buys a gift. The code is in the response only; a repeat replaces it. Refused where the
   * customer, plan or price does not exist, or another gift has the id.
   */
  const buy = async ({ body, idempotencyKey }: RouteRequest<GiftBody, undefined>): Promise<GiftWithCode | Problem> => {
    const known = await customerOf(platform, body.customerId);
    if (!known) return customerNotFound(body.customerId);
    const purchase = await purchaseTerms(body, known.customer, store);
    if (!purchase.ok) return refused(purchase.rejection);
    const { terms } = purchase.value;
    const rejection = giftRejection(terms, body.periods);
    if (rejection) return refused(rejection);
    const [id, code, bodyHash] = [body.id ?? keyedId('gift', idempotencyKey), newGiftCode(), hashOf(body)];
    const { testClock } = known.customer;
    const stored = await gifts.create({
      ...{ ...body, id, interval: terms.plan.interval, price: giftPrice(terms, body.periods), invoiceId: giftInvoiceId(id) },
      ...{ status: 'pending', failedAttempts: 0, redeemedBy: null, subscriptionId: null, testClock },
      ...{ createdAt: await timeOf(testClock), terms, codeHash: giftCodeHash(code), bodyHash, purchaseOwed: true },
    });
    if (stored.bodyHash !== bodyHash)
      return problem(409, 'already-exists', `A gift with the id ${id} already exists with different content.`);
    if (stored.purchaseOwed) await publishPurchase(stored);
    const after = (await gifts.find(id)) ?? stored;
    return { ...giftResource(after), ...(after.codeHash === giftCodeHash(code) && { code }) };
  };

  /**
   * Requests another attempt of a failed payment. Undefined where no payment of the gift has
   * failed.
   */
  const retry = async (id: string): Promise<Gift | undefined> => {
    const gift = await gifts.find(id);
    if (gift?.status !== 'payment-failed') return undefined;
    await platform.publish([giftRetryDue(giftResource(gift), await timeOf(gift.testClock))]);
    return giftResource(gift);
  };

  const reactions: readonly Reaction[] = [
    reaction(['invoice.finalised', 'invoice.paid', 'invoice.voided', 'invoice.marked-uncollectible'], async (events) => {
      for (const { data } of events.filter(isOfGift)) {
        if (data.status === 'paid') await gifts.markPaid(data.subscriptionId);
        if (data.status === 'void' || data.status === 'uncollectible') await gifts.cancel(data.subscriptionId);
      }
    }),
    reaction(['payment.declined', 'payment.action-required'], async (events) => {
      for (const { data } of events.filter(isOfGift)) await gifts.markFailed(data.subscriptionId, data.attempt);
    }),
  ];

  return {
    buy,
    retry,
    reactions,
    /** Publishes the purchases that a crash or an outage may have left unpublished. */
    sweep: createSweep({ name: 'gift purchase publishing', page: gifts.unpublished, work: publishPurchase }, platform.log),
  };
}

const isOfGift = ({ data }: MarqueeEvent<'invoice.*' | 'payment.*'>): boolean => isId('gift', data.subscriptionId);
