package io.faultline.paging;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntPredicate;

/**
 * Runs a program in many interleavings: all in which threads take turns, each until it waits, but
 * for at most some switches anywhere else; and random ones.
 */
final class Interleavings {
  /** On a busy machine few runs are made in a short time. */
  private static final long LIMIT_NANOS = 40_000_000_000L;

  private final Function<IntPredicate, TwoPageProgram> program;
  private final Map<Counter, Long> counted = new EnumMap<>(Counter.class);
  private long runs;

  /**
   * @param program creates it, given the points at which a thread passes its turn on
   */
  Interleavings(Function<IntPredicate, TwoPageProgram> program) {
    this.program = program;
  }

  /** The number of interleavings so far. */
  long runs() {
    return runs;
  }

  /** What the pagers of all runs together have counted. */
  long counted(Counter counter) {
    return counted.getOrDefault(counter, 0L);
  }

  /** All interleavings with up to so many switches that no wait requires. */
  Interleavings all(int switches) {
    follow(new int[0], switches);
    return this;
  }

  private void follow(int[] switches, int more) {
    int points = run(switches.length == 0 ? "none" : Arrays.toString(switches), in(switches));
    int from = switches.length == 0 ? 0 : switches[switches.length - 1] + 1;
    for (int point = from; more > 0 && point < points; point++) {
      int[] longer = Arrays.copyOf(switches, switches.length + 1);
      longer[switches.length] = point;
      follow(longer, more - 1);
    }
  }

  private static IntPredicate in(int[] switches) {
    return point -> Arrays.binarySearch(switches, point) >= 0;
  }

  /**
   * Random interleavings for some time, and for longer until each of some events was counted.
   *
   * @param wanted the events
   */
  Interleavings random(long seed, long nanos, Set<Counter> wanted) {
    Random random = new Random(seed);
    long start = System.nanoTime();
    for (long past = 0;
        past < nanos || (past < LIMIT_NANOS && !haveCounted(wanted));
        past = System.nanoTime() - start) {
      one(random.nextLong());
    }
    return this;
  }

  /** One of the random interleavings, again. */
  Interleavings one(long seed) {
    Random choices = new Random(seed);
    int one = 1 << choices.nextInt(1, 7);
    run("seed " + seed, point -> choices.nextInt(one) == 0);
    return this;
  }

  private boolean haveCounted(Set<Counter> wanted) {
    return wanted.stream().allMatch(each -> counted(each) > 0);
  }

  private int run(String name, IntPredicate passesOn) {
    runs++;
    try (TwoPageProgram running = program.apply(passesOn)) {
      int points = running.run();
      for (Counter counter : Counter.values()) {
        counted.merge(counter, running.count(counter), Long::sum);
      }
      return points;
    } catch (Exception | AssertionError e) {
      throw new AssertionError("interleaving " + runs + ", switches: " + name, e);
    }
  }
}
