import type { Connection } from 'mongoose';
import { documentModel } from '../shared/mongo.ts';
import type { Payment } from './payment.ts';

/** Payments as documents. */
export const paymentModel = (documents: Connection) =>
  documentModel<Payment>(
    documents,
    'payments',
    {
      invoiceId: String,
      subscriptionId: String,
      customerId: String,
      amount: Number,
      currency: String,
      status: String,
      attempt: Number,
      sequence: Number,
      step: String,
      methods: [{}],
      attemptAt: String,
      processingSince: String,
      lastSentAt: String,
      pendingSince: String,
      lookAt: String,
      decided: {},
      gateway: String,
      jointId: String,
      intentId: String,
      clientSecret: String,
      paymentMethodId: String,
      category: String,
      declineCode: String,
      cancelAsked: Boolean,
      cancelOwed: Boolean,
      createdAt: String,
      settledAt: String,
      testClock: String,
      superseded: [{}],
      refunds: [{}],
      refundsOwed: Boolean,
      refundRevision: Number,
      disputes: [{}],
    },
    [
      { fields: { refundsOwed: 1, _id: 1 } },
      { fields: { customerId: 1, createdAt: -1 } },
      { fields: { subscriptionId: 1, createdAt: -1 } },
      { fields: { invoiceId: 1 } },
      { fields: { gateway: 1, status: 1, lookAt: 1, processingSince: 1, _id: 1 } },
      { fields: { status: 1, settledAt: 1 } },
      { fields: { cancelOwed: 1, gateway: 1, _id: 1 } },
    ],
  );
