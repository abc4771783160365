import { z } from 'zod';
import { currency, minorUnits, utcInstant } from '../../shared/fields.ts';
import { accept, type Result, reject } from '../../shared/result.ts';
import type { Instant } from '../../shared/time.ts';
import type { NewCredit } from './account-credit.ts';

/**
 * Money on a card: the customer who enters its code receives it as account credit, once. Minor
 * units. The part that is unused at `expiresAt` is written off.
 */
export type GiftCard = {
  readonly _id: string;
  readonly amount: number;
  readonly currency: string;
  readonly expiresAt: Instant | null;
  readonly note: string | null;
  readonly codeHash: string;
  readonly createdAt: Instant;
  readonly cancelledAt: Instant | null;
  readonly redeemedBy: string | null;
  readonly redeemedAt: Instant | null;
  readonly bodyHash: string;
};

export const giftCardSchema = z
  .object({
    id: z.string().meta({ examples: ['gc_1'] }),
    status: z.enum(['issued', 'redeemed', 'cancelled']),
    amount: minorUnits,
    currency,
    expiresAt: utcInstant.nullable().meta({ description: 'When the card, and the unused part of its credit, expires' }),
    note: z.string().nullable(),
    createdAt: utcInstant,
    cancelledAt: utcInstant.nullable(),
    redeemedBy: z.string().nullable().meta({ description: 'Customer who redeemed the card' }),
    redeemedAt: utcInstant.nullable(),
  })
  .meta({ id: 'GiftCard', description: 'A gift card without its code; amounts in minor units' });

/**
 * Whether this customer may redeem the card at `now`. The customer who has redeemed it is accepted
 * again and receives nothing more. Refused with a `gift-card-*` code at `/code`.
 */
export function redeemable(card: GiftCard | undefined, customerId: string, now: Instant): Result<GiftCard> {
  const pointer = '/code';
  if (card === undefined) return reject('gift-card-not-found', 'There is no gift card with this code.', pointer);
  if (card.redeemedBy === customerId) return accept(card);
  if (card.redeemedBy !== null) return reject('gift-card-redeemed', 'This gift card has already been redeemed.', pointer);
  if (card.cancelledAt !== null) return reject('gift-card-cancelled', 'This gift card was cancelled.', pointer);
  if (card.expiresAt !== null && card.expiresAt <= now)
    return reject('gift-card-expired', `This gift card expired on ${card.expiresAt.slice(0, 10)}.`, pointer);
  return accept(card);
}

const statusOf = ({ redeemedBy, cancelledAt }: GiftCard): z.infer<typeof giftCardSchema>['status'] =>
  redeemedBy !== null ? 'redeemed' : cancelledAt !== null ? 'cancelled' : 'issued';

/** A card as the API returns it, never with its code. */
export const giftCardResource = (card: GiftCard): z.infer<typeof giftCardSchema> => {
  const { _id: id, codeHash: _, bodyHash: _b, ...fields } = card;
  return { id, status: statusOf(card), ...fields };
};

/**
 * The money of the card as account credit, under an id derived from the card: granted only once.
 */
export const creditOf = ({ _id, amount, expiresAt }: GiftCard): NewCredit => ({
  id: `gift-card:${_id}`,
  amount,
  reason: 'gift-card',
  expiresAt,
});
