import { accept, type Result, reject } from '../../shared/result.ts';
import type { Instant } from '../../shared/time.ts';

/** Money on a card: whoever has its code makes it their account credit, once. Minor units; what is not used by `expiresAt` is written off. */
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

/** Whether this customer may have the card's money at `now`. Who has redeemed it may ask again, and is given nothing more. */
export function redeemable(card: GiftCard | undefined, customerId: string, now: Instant): Result<GiftCard> {
  const pointer = '/code';
  if (card === undefined) return reject('gift-card-not-found', 'There is no gift card with this code.', pointer);
  if (card.redeemedBy === customerId) return accept(card);
  if (card.redeemedBy !== null) return reject('gift-card-redeemed', 'This gift card was redeemed already.', pointer);
  if (card.cancelledAt !== null) return reject('gift-card-cancelled', 'This gift card was cancelled.', pointer);
  if (card.expiresAt !== null && card.expiresAt <= now) return reject('gift-card-expired', 'This gift card has expired.', pointer);
  return accept(card);
}

const statusOf = ({ redeemedBy, cancelledAt }: GiftCard): string =>
  redeemedBy !== null ? 'redeemed' : cancelledAt !== null ? 'cancelled' : 'issued';

/** A card as the API shows it: never its code. */
export const giftCardResource = (card: GiftCard) => {
  const { _id: id, codeHash: _, bodyHash: _b, ...shown } = card;
  return { id, status: statusOf(card), ...shown };
};

/** The card's money as account credit, under an id of its own, so that it is given once. */
export const creditOf = ({ _id, amount, expiresAt }: GiftCard) => ({ id: `gift-card:${_id}`, amount, reason: 'gift-card', expiresAt });
