export type Prefix =
  | 'cus'
  | 'plan'
  | 'sub'
  | 'inv'
  | 'pay'
  | 'pm'
  | 'tc'
  | 'cpn'
  | 'evt'
  | 'cn'
  | 'whk'
  | 'usr'
  | 'key'
  | 'ntf'
  | 'cas'
  | 'dun'
  | 'mig'
  | 'gc'
  | 'gift'
  | 'prod'
  | 'ref'
  | 'rec';

/**
 * Letters, digits, `-` and `_`: nothing that Dapr's addresses (`/`, `||`, `#`, `?`), a URL or a
 * document's path (`.`) would read as their own.
 */
const shape = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;

/**
 * True for `<prefix>_<name>` where name is safe in URLs and Dapr keys and at most 100 characters
 * long.
 */
export const isId = (prefix: Prefix, text: string): boolean => text.startsWith(`${prefix}_`) && shape.test(text.slice(prefix.length + 1));

/**
 * The invoice of a subscription's billing period n, or of another cause such as a change
 * (`c<sequence>`): derived, so that every service knows it without a call.
 */
export const invoiceIdOf = (subscriptionId: string, cause: number | string): string => `inv_${subscriptionId}_${cause}`;

/** One invoice has one payment, so its id is derived too. */
export const paymentIdOf = (invoiceId: string): string => `pay_${invoiceId}`;

/** A credit note has at most one refund, so the id of the refund is derived. */
export const refundIdOf = (creditNoteId: string): string => `ref_${creditNoteId}`;

/**
 * The refund of a void, of the part that was paid. Refunds of further payments have ids that begin
 * with this one.
 */
export const voidRefundIdOf = (invoiceId: string): string => `ref_${invoiceId}_void`;
