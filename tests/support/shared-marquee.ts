import test from 'ava';
import { bootMarquee } from './marquee.ts';

let running: ReturnType<typeof bootMarquee> | undefined;

/**
 * One Marquee for the tests of a file, where each has its own plans and customers. It ends after
 * them.
 */
export const sharedMarquee = (): ReturnType<typeof bootMarquee> => {
  running ??= bootMarquee();
  return running;
};

test.after.always('the shared Marquee ends', async () => {
  await (await running)?.end();
});
