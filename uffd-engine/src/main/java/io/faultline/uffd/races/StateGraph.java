package io.faultline.uffd.races;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The states that an exploration reached, and the actions between them. Every action increments a
 * counter in the state, so the graph has no cycles, and paths can be counted.
 */
final class StateGraph {
  private final Map<String, List<String>> successors = new HashMap<>();
  private final Map<String, Run.End> ends = new HashMap<>();

  /**
   * Adds a state.
   *
   * @param from the previous state, null for the first
   * @return whether the state is new
   */
  boolean reach(@Nullable String from, String state) {
    if (from != null) {
      successors.computeIfAbsent(from, key -> new ArrayList<>()).add(state);
    }
    return successors.putIfAbsent(state, new ArrayList<>()) == null;
  }

  void end(String state, Run.End end) {
    ends.put(state, end);
  }

  int size() {
    return successors.size();
  }

  /** The number of interleavings from a state on that end in this way. */
  BigInteger count(String first, Run.End end) {
    return count(first, end, new HashMap<>());
  }

  private BigInteger count(String state, Run.End end, Map<String, BigInteger> known) {
    BigInteger counted = known.get(state);
    if (counted != null) {
      return counted;
    }
    BigInteger sum = ends.get(state) == end ? BigInteger.ONE : BigInteger.ZERO;
    for (String next : successors.getOrDefault(state, List.of())) {
      sum = sum.add(count(next, end, known));
    }
    known.put(state, sum);
    return sum;
  }
}
