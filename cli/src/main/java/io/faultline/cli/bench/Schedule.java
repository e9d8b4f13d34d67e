package io.faultline.cli.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * In which order cases run. All run once before any runs again, so that what else the machine does
 * meets all alike; each round turns the order round, so that none always comes behind the same.
 */
final class Schedule {
  private Schedule() {}

  /**
   * A turn of a case.
   *
   * @param round from 0
   */
  record Turn<T>(int round, T item) {}

  /** All turns of all rounds. */
  static <T> List<Turn<T>> of(List<T> items, int rounds) {
    List<Turn<T>> turns = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      int r = round;
      List<T> order = r % 2 == 0 ? items : items.reversed();
      order.forEach(item -> turns.add(new Turn<>(r, item)));
    }
    return turns;
  }
}
