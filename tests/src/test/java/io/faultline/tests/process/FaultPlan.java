package io.faultline.tests.process;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * A migration and the faults injected into it, derived from a seed.
 *
 * @param seed that the plan is derived from
 * @param options of the source: the VM and the settings of its migration
 * @param rounds whether there are precopy rounds
 * @param huge whether the memory is in huge pages, which end with the source's process
 * @param faults in the order in which they are injected
 */
record FaultPlan(
    long seed, List<String> options, boolean rounds, boolean huge, List<Fault> faults) {
  /** A kind of fault. */
  enum Kind {
    CUT,
    RESET,
    BLACKHOLE,
    HALF_OPEN,
    SLOW,
    KILL_SOURCE,
    KILL_DESTINATION,
    STOP_SOURCE,
    STOP_DESTINATION,
    NO_DESCRIPTORS,
    /** The source loses its connections, and cannot open new ones for a while. */
    NO_DESCRIPTORS_AT_SOURCE,
    /** The file system of the journal is full. */
    JOURNAL_FULL,
    POOL_DRAINED;

    /** Whether it can be injected. */
    private boolean isPossible(boolean huge, boolean disks) {
      return switch (this) {
        case KILL_SOURCE -> !huge;
        case JOURNAL_FULL -> !huge && disks;
        case POOL_DRAINED -> huge;
        default -> true;
      };
    }
  }

  /** A fault that is injected once the source has sent this many bytes. */
  record Fault(Kind kind, long atBytes) {}

  private static final int MAX_FAULTS = 3;
  private static final int MIN_MIB = 8;

  /** The largest memory of a VM. */
  static final int MAX_MIB = 64;

  /** After the handover, if there are no precopy rounds. */
  private static final long MIN_BYTES = 64 << 10;

  /**
   * Returns the plan of a seed.
   *
   * @param hugePages whether this user can borrow huge pages
   * @param disks whether this user can mount a small file system
   */
  static FaultPlan of(long seed, boolean hugePages, boolean disks) {
    SplittableRandom random = new SplittableRandom(seed);
    int mebibytes = 2 * random.nextInt(MIN_MIB / 2, MAX_MIB / 2 + 1);
    boolean huge = random.nextInt(5) == 0 && hugePages;
    boolean rounds = random.nextInt(3) == 0;
    boolean continued = random.nextBoolean();
    List<String> options =
        List.of(
            "--ram=" + mebibytes + "m",
            "--vcpus=" + random.nextInt(1, 4),
            "--seed=" + random.nextInt(1000),
            "--workload=" + (random.nextBoolean() ? "zipf" : "uniform"),
            "--zero-fraction=" + random.nextInt(2) * 0.3,
            "--mode=" + (rounds ? "hybrid" : "postcopy"),
            "--place=" + (continued ? "continue" : "copy"),
            "--channels=" + random.nextInt(1, 5),
            "--engine=" + (random.nextInt(3) == 0 ? "simulated" : "auto"));
    long maxBytes = (long) mebibytes << 19; // half of the RAM
    List<Fault> faults = new ArrayList<>();
    for (int i = random.nextInt(MAX_FAULTS) + 1; i > 0; i--) {
      List<Kind> kinds =
          Stream.of(Kind.values()).filter(kind -> kind.isPossible(huge, disks)).toList();
      Kind kind = kinds.get(random.nextInt(kinds.size()));
      faults.add(new Fault(kind, random.nextLong(MIN_BYTES, maxBytes)));
    }
    faults.sort(Comparator.comparingLong(Fault::atBytes));
    return new FaultPlan(seed, options, rounds, huge, faults);
  }

  boolean has(Kind kind) {
    return faults.stream().anyMatch(fault -> fault.kind() == kind);
  }

  /** Whether the VM must arrive despite all faults. */
  boolean mustArrive() {
    return !rounds && !has(Kind.KILL_DESTINATION);
  }
}
