package io.faultline.cli.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * The order in which cases run. Every case runs once before any case runs again, so that other load
 * on the machine affects all cases alike. Every other round reverses the order, so that a case does
 * not always follow the same one.
 */
final class RunOrder {
  private RunOrder() {}

  /**
   * One run of a case.
   *
   * @param round from 0
   */
  record Turn<T>(int round, T item) {}

  /** The runs of all rounds, in order. */
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
