package io.faultline.paging;

import java.lang.foreign.Arena;
import java.util.concurrent.ArrayBlockingQueue;

/** Lanes for threads of the application that fill pages themselves. Thread-safe. */
final class LanePool {
  private final ArrayBlockingQueue<Lane> lanes;

  LanePool(Arena arena, int count, long laneBytes, long alignment) {
    lanes = new ArrayBlockingQueue<>(count);
    for (int i = 0; i < count; i++) {
      lanes.add(new Lane(arena.allocate(laneBytes, alignment)));
    }
  }

  /** Takes a lane, and waits until one is free. */
  Lane take() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return lanes.take();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  void give(Lane lane) {
    lanes.add(lane);
  }
}
