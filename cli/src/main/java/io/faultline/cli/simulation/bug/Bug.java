package io.faultline.cli.simulation.bug;

import io.faultline.cli.simulation.network.FrameTampering;
import java.util.Locale;

/**
 * Bugs that {@code --bug} plants. Each is planted in the simulated kernels or network; the code of
 * the nodes is unchanged.
 */
public enum Bug {
  /** None. */
  NONE("no bug"),
  /** The kernel ignores UFFDIO_WAKE. */
  NOBODY_IS_WOKEN("waiting vCPUs are not woken after a recovery, so their pages stay unrequested"),
  /** Requested pages go out on the bulk connection too; see {@link ClaimAfterWrite}. */
  CLAIM_AFTER_WRITE("a page is claimed after it is written, so both connections carry it"),
  /** RUN is sent right after the device state; see {@link RunBeforeReady}. */
  RUN_BEFORE_READY("the source sends RUN before the destination has sent READY"),
  /** Page sets have one page too many or too few; see {@link OffByOne}. */
  OFF_BY_ONE("page sets are wrong by one page"),
  /** Pages of an older connection are accepted; see {@link DuplicateAccepted}. */
  DUPLICATE_ACCEPTED("pages that arrive late from an old connection are placed"),
  /** A source that hangs still sends pings. */
  HANG_UNNOTICED("nothing limits how long a destination waits for a source that hangs");

  private final String description;

  Bug(String description) {
    this.description = description;
  }

  /** What is wrong, human-readable. */
  public String description() {
    return description;
  }

  /** How it changes the frames of a run. */
  public FrameTampering tampering() {
    return switch (this) {
      case NONE, NOBODY_IS_WOKEN, HANG_UNNOTICED -> FrameTampering.NONE;
      case CLAIM_AFTER_WRITE -> new ClaimAfterWrite();
      case RUN_BEFORE_READY -> new RunBeforeReady();
      case OFF_BY_ONE -> new OffByOne();
      case DUPLICATE_ACCEPTED -> new DuplicateAccepted();
    };
  }

  /** As on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
