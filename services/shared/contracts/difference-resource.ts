import { z } from 'zod';
import { currency, minorUnits, utcInstant } from '../fields.ts';
import type { ResourceOf } from './resource-of.ts';

export const differenceKinds = [
  /** The gateway has a charge that the payment does not record. */
  'charge-without-payment',
  /** The payment records a charge that the gateway does not have. */
  'payment-without-charge',
  'amount-differs',
  /** A second charge of a payment that another charge has paid. */
  'charged-twice',
  /** The gateway has a refund that no payment records. */
  'refund-without-record',
  /** A payment records a refund that the gateway does not have. */
  'refund-without-money',
  'invoice-open-though-paid',
  'invoice-paid-without-payment',
  /** An invoice that is paid, or was requested by its subscription, and does not exist. */
  'invoice-missing',
  /** A payment without an outcome for longer than a day. */
  'payment-stuck',
  /** The subscription still waits for a payment that has succeeded. */
  'subscription-unaware',
] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

const repairKinds = [
  'record-charge',
  'settle-payment',
  'tell-payment',
  'refund-charge',
  'record-refund',
  'refund-again',
  'ask-again',
] as const;
/** A repair never charges again, and each may be repeated. */
export type Repair = (typeof repairKinds)[number];

const text = z.string().nullable();
const amount = minorUnits.nullable().meta({ description: 'Minor units of the currency; null where this side has no record' });

/**
 * A difference in its report, numbered from 1, with its resolution: repaired, or accepted with a
 * note.
 */
export const differenceSchema = z
  .object({
    n: z.int().meta({ description: 'Number of the difference in its report, counted from 1', examples: [1] }),
    kind: z.enum(differenceKinds),
    gateway: text.meta({ examples: ['simulated'] }),
    intentId: text.meta({ examples: ['pi_1'] }),
    refundId: text.meta({ description: 'Id of the refund, or of the gateway where no payment records it', examples: [null] }),
    paymentId: text.meta({ examples: ['pay_inv_sub_1_1'] }),
    invoiceId: text.meta({ examples: ['inv_sub_1_1'] }),
    subscriptionId: text.meta({ examples: ['sub_1'] }),
    customerId: text.meta({ examples: ['cus_1'] }),
    currency,
    ...{ gatewayAmount: amount, paymentAmount: amount, invoiceAmount: amount },
    at: utcInstant.nullable().meta({ description: 'When the charge, refund or payment happened' }),
    repair: z.enum(repairKinds).nullable().meta({ description: 'The automatic repair; null where an operator has to decide' }),
    repairedAt: utcInstant.nullable(),
    repairedBy: text.meta({ examples: ['usr_1'] }),
    acceptedAt: utcInstant.nullable(),
    acceptedBy: text.meta({ examples: ['usr_1'] }),
    note: text.meta({ description: 'Why the difference was accepted', examples: ['Settled by bank transfer'] }),
  })
  .meta({ id: 'ReconciliationDifference', description: 'A difference between two ledgers' });

export type NumberedDifference = ResourceOf<typeof differenceSchema>;

/** The resolution of a difference: repaired, or accepted by an operator with a note. */
export type Resolution = Pick<NumberedDifference, 'repairedAt' | 'repairedBy' | 'acceptedAt' | 'acceptedBy' | 'note'>;

/** A difference as it is found, before it has a number. */
export type Difference = Omit<NumberedDifference, 'n' | keyof Resolution>;
