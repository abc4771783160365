import type { EventData, EventType } from '../../services/shared/contracts/events.ts';
import { type MarqueeEvent, newEvent } from '../../services/shared/events.ts';
import { noon } from './noon.ts';

/** A value with only some of its fields, to any depth. */
export type Part<Value> = Value extends readonly (infer Item)[]
  ? readonly Part<Item>[]
  : Value extends object
    ? { readonly [Name in keyof Value]?: Part<Value[Name]> | undefined }
    : Value;

type PartialEvent<Type extends EventType> = Partial<Omit<MarqueeEvent, 'type' | 'data'>> & {
  readonly type: Type;
  readonly subject: string;
  readonly data: Part<EventData<Type>>;
};

/**
 * An event whose data has only the fields that its receiver reads; `cus_1` at noon, unless changed.
 */
export const partialEvent = <Type extends EventType>(event: PartialEvent<Type>): MarqueeEvent<Type> =>
  newEvent({ sequence: 1, time: noon, customerId: 'cus_1', testClock: null, ...event } as never) as MarqueeEvent<Type>;
