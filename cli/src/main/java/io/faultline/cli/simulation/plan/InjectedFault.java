package io.faultline.cli.simulation.plan;

import io.faultline.dest.IncomingState;
import io.faultline.proto.wire.Frame.BodyCase;
import io.faultline.source.OutgoingState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * A fault, and when it is injected.
 *
 * @param trigger what {@code number} counts
 * @param frame the kind of frame, for {@link Trigger#FRAME}
 * @param number the index of the frame among those of its kind, of the event, or of the state; or
 *     the time in microseconds
 * @param delayNanos from the trigger to the fault
 * @param durationNanos how long the fault lasts; 0 for ever; ignored by instantaneous ones
 */
public record InjectedFault(
    Kind kind, Trigger trigger, BodyCase frame, long number, long delayNanos, long durationNanos) {
  /** The kinds of faults; docs/simulation.md describes each. */
  public enum Kind {
    CUT_CONTROL,
    CUT_BULK,
    CUT_BOTH,
    HALF_CLOSE,
    SILENCE,
    BLACKHOLE,
    OUTAGE,
    SLOW,
    CORRUPT,
    REPEAT,
    STOP_SOURCE,
    STOP_DESTINATION,
    MEMORY_SHORT,
    CANCEL,
    KILL_SOURCE,
    KILL_DESTINATION,
    KILL_AND_RESTART_DESTINATION,
    NEVER_AGAIN,
    HANG_SOURCE,
    HANG_DESTINATION;

    /** Whether a node is stopped for longer than any limit. */
    public boolean isHang() {
      return this == HANG_SOURCE || this == HANG_DESTINATION;
    }

    /** Whether it ends the process of a node. */
    public boolean killsNode() {
      return this == KILL_SOURCE
          || this == KILL_DESTINATION
          || this == KILL_AND_RESTART_DESTINATION;
    }

    private boolean isRare() {
      return ordinal() >= CANCEL.ordinal();
    }

    /** As in the reports. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What starts a fault. */
  public enum Trigger {
    /** The n-th frame of a kind is sent. */
    FRAME,
    /** The n-th simulated event has happened. */
    EVENT,
    /** Virtual time. */
    TIME,
    /** The node is in a state. */
    STATE
  }

  private static final List<BodyCase> BEFORE_RUN =
      List.of(
          BodyCase.HELLO,
          BodyCase.PONG,
          BodyCase.VM_DESCRIPTION,
          BodyCase.MEMORY_PREPARED,
          BodyCase.PAGES,
          BodyCase.ROUND_END,
          BodyCase.DISCARD,
          BodyCase.DEVICE_STATE,
          BodyCase.READY);

  private static final List<BodyCase> AFTER_RUN =
      List.of(
          BodyCase.PAGES,
          BodyCase.RUN,
          BodyCase.RUNNING,
          BodyCase.REQUEST,
          BodyCase.STALE,
          BodyCase.STREAM_END,
          BodyCase.COMPLETED,
          BodyCase.GOODBYE,
          BodyCase.RECOVER,
          BodyCase.RECOVERY,
          BodyCase.RECEIVED,
          BodyCase.HEARTBEAT);

  private static final int KINDS_WITHOUT_HANGS = Kind.HANG_SOURCE.ordinal();
  private static final int HANG_ONE_IN = 5;

  /** Longer than the longest limit of a node, which is 130 s. */
  private static final long HANG_NANOS = 300_000_000_000L;

  /** The states of both nodes before the final ones. */
  private static final int SOURCE_STATES = OutgoingState.COMPLETED.ordinal();

  private static final int DESTINATION_STATES = IncomingState.COMPLETED.ordinal();

  private static final int MAX_FAULTS = 5;
  private static final int RARE_ONE_IN = 6;
  private static final int STORM_ONE_IN = 4;

  /**
   * Draws 0 to 5 faults, or a storm of up to 14 triggered by frames after RUN; and in some runs
   * another one, the hang of a node.
   */
  static List<InjectedFault> draw(SplittableRandom random) {
    boolean storm = random.nextInt(STORM_ONE_IN) == 0;
    int count =
        storm ? MAX_FAULTS + random.nextInt(2 * MAX_FAULTS) : random.nextInt(MAX_FAULTS + 1);
    List<InjectedFault> faults = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      faults.add(drawOne(random, storm));
    }
    if (random.nextInt(HANG_ONE_IN) == 0) {
      drawHang(random, faults);
    }
    return faults;
  }

  private static void drawHang(SplittableRandom random, List<InjectedFault> faults) {
    boolean ofSource = random.nextBoolean();
    boolean precopy = random.nextInt(3) == 0; // more often: many runs have none
    int state =
        precopy && ofSource
            ? OutgoingState.PRECOPY.ordinal()
            : random.nextInt(ofSource ? SOURCE_STATES : DESTINATION_STATES);
    boolean inOutage =
        ofSource
            ? state >= OutgoingState.PAUSED.ordinal()
            : state >= IncomingState.PAUSED.ordinal();
    if (inOutage) { // so that there is one
      faults.add(new InjectedFault(Kind.CUT_BOTH, Trigger.FRAME, BodyCase.RUNNING, 0, 0, 0));
    }
    long delay = random.nextInt(3) > 0 ? 0 : random.nextLong(1L << random.nextInt(10, 26));
    faults.add(
        new InjectedFault(
            ofSource ? Kind.HANG_SOURCE : Kind.HANG_DESTINATION,
            Trigger.STATE,
            BodyCase.BODY_NOT_SET,
            state,
            delay,
            random.nextBoolean() ? 0 : HANG_NANOS));
  }

  /** The name of the state that triggers it, for {@link Trigger#STATE}. */
  public String state() {
    int index = Math.toIntExact(number);
    return kind == Kind.HANG_SOURCE
        ? OutgoingState.values()[index].name()
        : IncomingState.values()[index].name();
  }

  private static InjectedFault drawOne(SplittableRandom random, boolean storm) {
    Kind kind = Kind.values()[random.nextInt(KINDS_WITHOUT_HANGS)];
    while (kind.isRare() && random.nextInt(RARE_ONE_IN) > 0) {
      kind = Kind.values()[random.nextInt(KINDS_WITHOUT_HANGS)];
    }
    int dice = random.nextInt(10);
    Trigger trigger = storm || dice < 6 ? Trigger.FRAME : dice < 8 ? Trigger.EVENT : Trigger.TIME;
    List<BodyCase> frames = !storm && random.nextInt(3) == 0 ? BEFORE_RUN : AFTER_RUN;
    BodyCase frame = frames.get(random.nextInt(frames.size()));
    long number =
        switch (trigger) {
          case FRAME -> random.nextInt(isFrequent(frame) ? 20 : storm ? 8 : 3);
          case EVENT -> random.nextInt(1 << random.nextInt(7, 13));
          case TIME, STATE -> random.nextInt(1 << random.nextInt(10, 23));
        };
    long delay = random.nextInt(3) == 0 ? 0 : random.nextLong(1L << random.nextInt(10, 26));
    long duration = random.nextLong(1L << random.nextInt(20, 35));
    return new InjectedFault(kind, trigger, frame, number, delay, duration);
  }

  private static boolean isFrequent(BodyCase frame) {
    return frame == BodyCase.PAGES || frame == BodyCase.REQUEST || frame == BodyCase.PONG;
  }

  @Override
  public String toString() {
    String at =
        switch (trigger) {
          case FRAME -> "at " + frame + " " + (number + 1);
          case EVENT -> "at event " + number;
          case TIME -> "at " + number + " us";
          case STATE -> "in " + state() + (durationNanos == 0 ? " for ever" : "");
        };
    return kind + " " + at;
  }
}
