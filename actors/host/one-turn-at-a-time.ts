/**
 * One turn at a time per actor. The sidecar already queues, but when actors are rebalanced or a call is cancelled it may start the
 * next turn while this process still runs the former one.
 */
export function createTurns() {
  const tails = new Map<string, Promise<unknown>>();
  return async <Answer>(actor: string, turn: () => Promise<Answer>): Promise<Answer> => {
    const before = tails.get(actor);
    const mine = before ? before.then(turn, turn) : turn();
    tails.set(actor, mine);
    try {
      return await mine;
    } finally {
      if (tails.get(actor) === mine) tails.delete(actor);
    }
  };
}

export type Turns = ReturnType<typeof createTurns>;
