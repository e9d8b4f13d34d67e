package io.faultline.cli.simulation;

import io.faultline.proto.wire.Frame.BodyCase;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Something that goes wrong, and when.
 *
 * @param when how {@code number} counts
 * @param frame for {@link When#FRAME}: of which kind
 * @param number the frame of its kind, the event, or the time in microseconds
 * @param delayNanos how long after that
 * @param nanos how long it lasts, for what lasts
 */
record InjectedFault(
    Kind kind, When when, BodyCase frame, long number, long delayNanos, long nanos) {
  /** What goes wrong. */
  enum Kind {
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
    CANCEL,
    KILL_SOURCE,
    KILL_DESTINATION,
    KILL_AND_RESTART_DESTINATION,
    NEVER_AGAIN;

    /** Whether a node is gone behind it. */
    boolean endsANode() {
      return this == KILL_SOURCE
          || this == KILL_DESTINATION
          || this == KILL_AND_RESTART_DESTINATION;
    }

    private boolean isRare() {
      return ordinal() >= CANCEL.ordinal();
    }
  }

  /** What tells that it is time. */
  enum When {
    FRAME,
    EVENT,
    TIME
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

  private static final List<BodyCase> BEHIND_RUN =
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

  private static final int MOST = 5;
  private static final int RARE_ONE_IN = 6;
  private static final int STORM_ONE_IN = 4;

  /** None to some, or a storm behind RUN. */
  static List<InjectedFault> some(SplittableRandom random) {
    boolean storm = random.nextInt(STORM_ONE_IN) == 0;
    int count = storm ? MOST + random.nextInt(2 * MOST) : random.nextInt(MOST + 1);
    List<InjectedFault> some = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      some.add(one(random, storm));
    }
    return some;
  }

  private static InjectedFault one(SplittableRandom random, boolean storm) {
    Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
    while (kind.isRare() && random.nextInt(RARE_ONE_IN) > 0) {
      kind = Kind.values()[random.nextInt(Kind.values().length)];
    }
    int dice = random.nextInt(10);
    When when = storm || dice < 6 ? When.FRAME : dice < 8 ? When.EVENT : When.TIME;
    List<BodyCase> from = !storm && random.nextInt(3) == 0 ? BEFORE_RUN : BEHIND_RUN;
    BodyCase frame = from.get(random.nextInt(from.size()));
    long number =
        switch (when) {
          case FRAME -> random.nextInt(frequent(frame) ? 20 : storm ? 8 : 3);
          case EVENT -> random.nextInt(1 << random.nextInt(7, 13));
          case TIME -> random.nextInt(1 << random.nextInt(10, 23));
        };
    long delay = random.nextInt(3) == 0 ? 0 : random.nextLong(1L << random.nextInt(10, 26));
    long lasts = random.nextLong(1L << random.nextInt(20, 35));
    return new InjectedFault(kind, when, frame, number, delay, lasts);
  }

  private static boolean frequent(BodyCase frame) {
    return frame == BodyCase.PAGES || frame == BodyCase.REQUEST || frame == BodyCase.PONG;
  }

  @Override
  public String toString() {
    String at =
        switch (when) {
          case FRAME -> "at " + frame + " " + (number + 1);
          case EVENT -> "at event " + number;
          case TIME -> "at " + number + " us";
        };
    return kind + " " + at;
  }
}
