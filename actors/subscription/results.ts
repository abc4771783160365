import type { z } from 'zod';
import type { InvoicePreview } from '../../services/shared/contracts/invoice-resource.ts';
import type { SubscriptionResource } from '../../services/shared/contracts/subscription-resource.ts';
import type { Instant } from '../../services/shared/time.ts';
import type { Snapshot } from '../host/aggregate.ts';
import type { Refusal } from '../host/refusal.ts';
import type { resourceOf as testClockResourceOf } from '../test-clock/test-clock.ts';
import type { CommandName, commandSchemas, startSchema } from './command-schemas.ts';
import type { QueryName, querySchemas } from './query-schemas.ts';
import type { RequestedInvoice, ScriptedRefusal } from './rules/forecast.ts';
import type { Subscription, SubscriptionEvent } from './rules/subscription.ts';

/** Bodies are values: no caller changes what another one holds. */
type Frozen<Value> = Value extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Frozen<Value[Key]> }
    : Value;

export type StartBody = Frozen<z.input<typeof startSchema>>;

/** The body of each command, as its method accepts it: a field with a default may be left out. */
export type CommandBody<Name extends CommandName> = Frozen<z.input<(typeof commandSchemas)[Name]>>;

/** The body of each query, likewise. */
export type QueryBody<Name extends QueryName> = Frozen<z.input<(typeof querySchemas)[Name]>>;

/** The subscription after a command, and the ids of the events that the command made. */
export type CommandResult =
  | { readonly ok: true; readonly subscription: SubscriptionResource; readonly events: readonly string[] }
  | Refusal;

/**
 * A run of a copy into the future. `isCut` is true where it ended early because too much happened.
 */
type ForecastResult = {
  readonly from: Instant;
  readonly until: Instant;
  readonly events: readonly object[];
  /** Each status with the instant from which it holds. */
  readonly states: readonly { readonly at: Instant; readonly status: string }[];
  readonly refused: readonly ScriptedRefusal[];
  readonly isCut: boolean;
  readonly invoices: readonly InvoicePreview[];
  readonly subscription: SubscriptionResource;
};

/** The response of each query, where it is not refused. */
export type QueryResults = {
  readonly get: { readonly subscription: SubscriptionResource; readonly quarantine: Snapshot<Subscription>['quarantine'] };
  readonly preview: {
    readonly at: Instant;
    readonly events: readonly SubscriptionEvent[];
    readonly invoices: readonly InvoicePreview[];
    readonly subscription: SubscriptionResource;
  };
  readonly forecast: ForecastResult;
  readonly whatIf: ForecastResult;
  readonly asOf: { readonly asOf: Instant; readonly subscription: SubscriptionResource };
  readonly verify: {
    /** Differences between the snapshot and its history, in words. */
    readonly complaints: readonly string[];
    readonly asked: readonly RequestedInvoice[];
    readonly customerId: string;
  };
  /** Events in sequence; `last` is the sequence of the newest one. */
  readonly history: { readonly events: readonly ({ readonly sequence: number } & SubscriptionEvent)[]; readonly last: number };
};

export type QueryResult<Name extends QueryName> = ({ readonly ok: true } & QueryResults[Name]) | Refusal;

/** The ids of the events that were published again. */
export type RepublishResult = { readonly ok: true; readonly events: readonly string[] } | Refusal;

export type TestClockResource = ReturnType<typeof testClockResourceOf>;

export type ClockResult = { readonly ok: true; readonly testClock: TestClockResource } | Refusal;
