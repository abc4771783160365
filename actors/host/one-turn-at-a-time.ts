/**
 * Runs one turn at a time per actor. The sidecar queues turns too, but when actors are rebalanced
 * or a call is cancelled it may start the next turn while this process still runs the former one.
 */
export function createTurnQueue() {
  const lastTurns = new Map<string, Promise<unknown>>();
  return async <Value>(actor: string, turn: () => Promise<Value>): Promise<Value> => {
    const before = lastTurns.get(actor);
    const mine = before ? before.then(turn, turn) : turn();
    lastTurns.set(actor, mine);
    try {
      return await mine;
    } finally {
      if (lastTurns.get(actor) === mine) lastTurns.delete(actor);
    }
  };
}

export type TurnQueue = ReturnType<typeof createTurnQueue>;
