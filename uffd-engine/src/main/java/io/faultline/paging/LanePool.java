package io.faultline.paging;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.function.Supplier;

/** Lanes for threads of the application that fill pages themselves. Thread-safe. */
final class LanePool {
  private final ArrayBlockingQueue<Lane> lanes;

  LanePool(int count, Supplier<Lane> newLane) {
    lanes = new ArrayBlockingQueue<>(count);
    for (int i = 0; i < count; i++) {
      lanes.add(newLane.get());
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
