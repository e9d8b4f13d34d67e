package io.faultline.tests.process;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * One migration and what happens to it, all from a seed.
 *
 * @param seed that it comes from
 * @param options of the source: the VM, and how it is migrated
 * @param rounds whether memory goes ahead of the VM
 * @param huge whether its memory is of huge pages, which end with the source's process
 * @param faults in the order of the bytes from the source that they come behind
 */
record FaultPlan(
    long seed, List<String> options, boolean rounds, boolean huge, List<Fault> faults) {
  /** What can happen. */
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
    /** The source loses its connections, and cannot open others for a while. */
    NO_DESCRIPTORS_AT_SOURCE,
    /** Where the journal is there is no room any more. */
    JOURNAL_FULL,
    POOL_DRAINED;

    /** Whether it can happen to a VM with such memory. */
    private boolean canBe(boolean huge, boolean disks) {
      return switch (this) {
        case KILL_SOURCE -> !huge;
        case JOURNAL_FULL -> !huge && disks;
        case POOL_DRAINED -> huge;
        default -> true;
      };
    }
  }

  /** Something that happens once so many bytes have come from the source. */
  record Fault(Kind kind, long atBytes) {}

  private static final int MOST_FAULTS = 3;
  private static final int LEAST_MIB = 8;

  /** The most memory of a VM. */
  static final int MOST_MIB = 64;

  /** Behind the handover, where no memory goes ahead. */
  private static final long LEAST_BYTES = 64 << 10;

  /**
   * @param hugePages whether this machine lends any
   * @param disks whether it lets a small disk be mounted
   */
  static FaultPlan of(long seed, boolean hugePages, boolean disks) {
    SplittableRandom random = new SplittableRandom(seed);
    int mebibytes = 2 * random.nextInt(LEAST_MIB / 2, MOST_MIB / 2 + 1);
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
    long most = (long) mebibytes << 19; // half of the RAM
    List<Fault> faults = new ArrayList<>();
    for (int i = random.nextInt(MOST_FAULTS) + 1; i > 0; i--) {
      List<Kind> kinds = Stream.of(Kind.values()).filter(kind -> kind.canBe(huge, disks)).toList();
      Kind kind = kinds.get(random.nextInt(kinds.size()));
      faults.add(new Fault(kind, random.nextLong(LEAST_BYTES, most)));
    }
    faults.sort(Comparator.comparingLong(Fault::atBytes));
    return new FaultPlan(seed, options, rounds, huge, faults);
  }

  boolean has(Kind kind) {
    return faults.stream().anyMatch(fault -> fault.kind() == kind);
  }

  /** Whether nothing that happens may keep the VM from arriving. */
  boolean hasToArrive() {
    return !rounds && !has(Kind.KILL_DESTINATION);
  }
}
