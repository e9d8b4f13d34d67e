package io.faultline.cli.chaos;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Which fault comes next, and behind how many bytes of memory on the connections that are there
 * then: so each of them hits an attempt that works. All of it follows from the seed. Not
 * thread-safe.
 */
final class FaultSchedule {
  private final SplittableRandom random;
  private final long mostBytes;
  private final List<Kind> kinds = new ArrayList<>();
  private int done;
  private long left;

  /** What can happen. */
  private enum Kind {
    CUT,
    BLACKHOLE,
    KILL
  }

  /**
   * What a fault does to the connections of an attempt, or to the source's process. A black hole
   * swallows them all; else it is told which are cut.
   */
  record Fault(boolean kill, boolean blackhole, boolean control, boolean bulk, boolean reset) {
    @Override
    public String toString() {
      if (kill) {
        return "the source killed";
      }
      if (blackhole) {
        return "a black hole for all connections";
      }
      String which = control && bulk ? "both connections" : control ? "control" : "bulk";
      return (reset ? "reset " : "closed ") + which;
    }
  }

  /**
   * @param mostBytes the most memory that goes between two faults, at least 1
   */
  FaultSchedule(ChaosPlan plan, long mostBytes) {
    this.mostBytes = mostBytes;
    random = new SplittableRandom(plan.seed());
    kinds.addAll(Collections.nCopies(plan.cuts(), Kind.CUT));
    kinds.addAll(Collections.nCopies(plan.blackholes(), Kind.BLACKHOLE));
    kinds.addAll(Collections.nCopies(plan.kills(), Kind.KILL));
    Collections.shuffle(kinds, Random.from(random));
    left = nextGap();
  }

  /** Faults so far. */
  int done() {
    return done;
  }

  /** Memory has come by; whether it is time for the next fault. */
  boolean isDue(long bytes) {
    if (done == kinds.size()) {
      return false;
    }
    left -= bytes;
    return left <= 0;
  }

  /** The fault that is due. */
  Fault next() {
    Kind kind = kinds.get(done);
    boolean blackhole = kind == Kind.BLACKHOLE;
    done++;
    left = nextGap();
    int which = random.nextInt(3);
    return new Fault(kind == Kind.KILL, blackhole, which != 1, which != 0, random.nextBoolean());
  }

  private long nextGap() {
    return random.nextLong(1, mostBytes + 1);
  }
}
