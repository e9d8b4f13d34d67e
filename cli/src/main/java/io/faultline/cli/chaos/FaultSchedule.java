package io.faultline.cli.chaos;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * The sequence of faults, and how many bytes of memory pass between two of them, so that every
 * fault hits an attempt that has transferred memory. The seed determines everything. Not
 * thread-safe.
 */
final class FaultSchedule {
  private final SplittableRandom random;
  private final long maxGapBytes;
  private final List<Kind> kinds = new ArrayList<>();
  private int done;
  private long remainingBytes;

  /** The kinds of faults. */
  private enum Kind {
    CUT,
    BLACKHOLE,
    KILL
  }

  /**
   * The effect of a fault on the source process, or on the connections of an attempt: a black hole
   * affects all connections, a cut the given ones.
   */
  record Fault(boolean kill, boolean blackhole, boolean control, boolean bulk, boolean reset) {
    @Override
    public String toString() {
      if (kill) {
        return "source killed";
      }
      if (blackhole) {
        return "black hole on all connections";
      }
      String target =
          (control && bulk ? "control and bulk" : control ? "control" : "bulk") + " connection";
      return target + (reset ? " reset" : " closed");
    }
  }

  /**
   * @param maxGapBytes the most memory that passes between two faults, at least 1
   */
  FaultSchedule(ChaosPlan plan, long maxGapBytes) {
    this.maxGapBytes = maxGapBytes;
    random = new SplittableRandom(plan.seed());
    kinds.addAll(Collections.nCopies(plan.cuts(), Kind.CUT));
    kinds.addAll(Collections.nCopies(plan.blackholes(), Kind.BLACKHOLE));
    kinds.addAll(Collections.nCopies(plan.kills(), Kind.KILL));
    Collections.shuffle(kinds, Random.from(random));
    remainingBytes = nextGap();
  }

  /** Number of faults so far. */
  int done() {
    return done;
  }

  /** Counts bytes of memory that have passed; returns whether the next fault is due. */
  boolean isDue(long bytes) {
    if (done == kinds.size()) {
      return false;
    }
    remainingBytes -= bytes;
    return remainingBytes <= 0;
  }

  /** Draws the fault that is due. */
  Fault next() {
    Kind kind = kinds.get(done);
    boolean blackhole = kind == Kind.BLACKHOLE;
    done++;
    remainingBytes = nextGap();
    int target = random.nextInt(3);
    return new Fault(kind == Kind.KILL, blackhole, target != 1, target != 0, random.nextBoolean());
  }

  private long nextGap() {
    return random.nextLong(1, maxGapBytes + 1);
  }
}
