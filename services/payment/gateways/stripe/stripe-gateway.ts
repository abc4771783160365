import type { Connection } from 'mongoose';
import type { Gateway } from '../gateway.ts';
import { createStripeClient, type StripeSettings } from './client.ts';
import { createStripeCustomers } from './customers.ts';
import { stripeDisputes } from './disputes.ts';
import { stripeEvents } from './events.ts';
import { stripeHostedPage } from './hosted-page.ts';
import { stripeIntents } from './intents.ts';
import { stripeLedger } from './ledger.ts';
import { stripeMethods } from './methods.ts';
import { stripeRefunds } from './refunds.ts';
import { stripeReturns } from './refunds-and-disputes.ts';

/** The payment gateway Stripe. */
export function createStripeGateway(documents: Connection, settings: StripeSettings): Gateway {
  const stripe = createStripeClient(settings);
  const customers = createStripeCustomers(documents, stripe);
  return {
    name: 'stripe',
    ...stripeIntents(stripe, customers),
    ...stripeRefunds(stripe),
    ...stripeReturns(stripe),
    ...stripeDisputes(stripe),
    ...stripeMethods(stripe, customers),
    ...stripeEvents(stripe),
    ...stripeLedger(stripe),
    ...stripeHostedPage(stripe, customers),
  };
}
