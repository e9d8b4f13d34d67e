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
  enum Kind {
    CUT,
    BLACKHOLE,
    KILL_SOURCE,
    KILL_DESTINATION
  }

  /**
   * The effect of a fault on a node, or on the connections of an attempt: a black hole affects all
   * connections, a cut the given ones.
   */
  record Fault(Kind kind, boolean control, boolean bulk, boolean reset) {
    @Override
    public String toString() {
      return switch (kind) {
        case KILL_SOURCE -> "source killed";
        case KILL_DESTINATION -> "destination killed";
        case BLACKHOLE -> "black hole on all connections";
        case CUT -> target() + " connection" + (reset ? " reset" : " closed");
      };
    }

    private String target() {
      return control && bulk ? "control and bulk" : control ? "control" : "bulk";
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
    kinds.addAll(Collections.nCopies(plan.sourceKills(), Kind.KILL_SOURCE));
    kinds.addAll(Collections.nCopies(plan.destinationKills(), Kind.KILL_DESTINATION));
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
    done++;
    remainingBytes = nextGap();
    int target = random.nextInt(3);
    return new Fault(kind, target != 1, target != 0, random.nextBoolean());
  }

  private long nextGap() {
    return random.nextLong(1, maxGapBytes + 1);
  }
}
