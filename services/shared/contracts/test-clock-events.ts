import { z } from 'zod';
import { utcInstant } from '../fields.ts';

export const testClockSchema = z
  .object({
    id: z.string().meta({ examples: ['tc_1'] }),
    now: utcInstant.meta({ description: 'The time of the clock' }),
    status: z.enum(['ready', 'advancing']),
    advancingTo: utcInstant.nullable().meta({ description: 'Where the clock is advancing to, null while it is ready' }),
  })
  .meta({ id: 'PublishedTestClock', description: 'A clock that stands still until it is advanced' });

const event = (description: string, example: object) => z.object({ testClock: testClockSchema }).meta({ description, example });

export const testClockEvents = {
  'test-clock.created': event('A test clock was created.', { testClock: { advancingTo: null } }),
  'test-clock.advance-due': event('A test clock is to be advanced.', { testClock: { status: 'advancing' } }),
  'test-clock.arrived': event('A test clock arrived where it was advanced to.', { testClock: { advancingTo: null } }),
};
