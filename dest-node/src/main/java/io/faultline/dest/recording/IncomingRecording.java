package io.faultline.dest.recording;

import io.faultline.memory.MemoryRegion;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Records one incoming migration: each fault that is read, each run of pages that is placed, and
 * what became of guest memory. The memory for that is allocated when guest memory is registered,
 * which is before the VM is paused: about {@value #MEGABYTES} MiB, and one bit per page. After that
 * recording allocates nothing, takes no lock, and reads the clock once for each read of faults and
 * each run.
 *
 * <p>The control loop writes {@link #faults} and {@link #urgent}, the bulk loop writes {@link
 * #bulk}. Read {@link #events} once the destination is closed.
 */
public final class IncomingRecording {
  /** The memory of the logs: 2, 3 and 3 longs for each event. */
  static final int MEGABYTES = 8;

  /** Faults, and runs of each event loop, that are recorded one by one. */
  static final int CAPACITY = 1 << 17;

  private final LongSupplier clock;
  private final int capacity;
  private final OutageLog outages = new OutageLog();
  private IncomingMilestones milestones = IncomingMilestones.NONE;
  private long preparedNanos;
  private @Nullable Logs logs;

  private record Logs(
      PageNumbers numbers, FaultLog faults, PlacementLog urgent, PlacementLog bulk) {}

  /**
   * @param clock in nanoseconds; the same as that of the migration
   */
  public IncomingRecording(LongSupplier clock) {
    this(clock, CAPACITY);
  }

  /**
   * @param clock as for the other constructor
   * @param capacity faults, and runs of each event loop; a power of two
   */
  public IncomingRecording(LongSupplier clock, int capacity) {
    this.clock = clock;
    this.capacity = capacity;
  }

  /**
   * Allocates the memory of the recording. Control loop, once, before any page arrives.
   *
   * @param mapsOnArrival whether placing a page maps it, as with placement copy
   */
  public void begin(List<MemoryRegion> regions, boolean mapsOnArrival) {
    PageNumbers numbers = new PageNumbers(regions);
    logs =
        new Logs(
            numbers,
            new FaultLog(clock, numbers, capacity),
            new PlacementLog(clock, numbers, true, mapsOnArrival, capacity),
            new PlacementLog(clock, numbers, false, mapsOnArrival, capacity));
    preparedNanos = clock.getAsLong();
  }

  /** The faults that are read. Control loop, after {@link #begin}. */
  public FaultLog faults() {
    return logs().faults();
  }

  /** The runs that the control loop places. Control loop, after {@link #begin}. */
  public PlacementLog urgent() {
    return logs().urgent();
  }

  /** The runs that the bulk loop places, after {@link #begin}. */
  public PlacementLog bulk() {
    return logs().bulk();
  }

  /** The losses of the connection. Control loop. */
  public OutageLog outages() {
    return outages;
  }

  /** The migration has ended, or will. Control loop; the last call counts. */
  public void ended(
      long startedNanos,
      long stateArrivedNanos,
      long readyNanos,
      long runNanos,
      long firstInstructionNanos,
      long endedNanos) {
    milestones =
        new IncomingMilestones(
            startedNanos,
            preparedNanos,
            stateArrivedNanos,
            readyNanos,
            runNanos,
            firstInstructionNanos,
            endedNanos);
  }

  /** What was recorded. Any thread, once the destination is closed. */
  public IncomingEvents events() {
    Logs of = logs;
    if (of == null) {
      return new IncomingEvents(
          milestones,
          ResolvedFaults.NONE,
          TimeBuckets.Series.EMPTY,
          ArrivedCells.NONE,
          List.of(),
          outages.outages());
    }
    List<List<TimeBuckets.Series>> arrived = new ArrayList<>();
    for (Way way : Way.values()) {
      arrived.add(List.of(of.urgent().arrived(way), of.bulk().arrived(way)));
    }
    return new IncomingEvents(
        milestones,
        FaultJoin.of(of.faults(), List.of(of.urgent(), of.bulk())),
        of.faults().counts(),
        of.urgent().map().plus(of.bulk().map(), of.numbers().total()),
        arrived,
        outages.outages());
  }

  private Logs logs() {
    Logs of = logs;
    if (of == null) {
      throw new IllegalStateException("guest memory is not registered yet");
    }
    return of;
  }
}
