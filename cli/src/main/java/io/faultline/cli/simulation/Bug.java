package io.faultline.cli.simulation;

import java.util.Locale;

/** Bugs that can be planted, each by what stands around the nodes: theirs is not touched. */
public enum Bug {
  /** None. */
  NONE("nothing is planted"),
  /** The kernel does not wake anybody by UFFDIO_WAKE. */
  NOBODY_IS_WOKEN("behind a recovery nobody who waits is woken, so that nobody asks again"),
  /** Pages that were asked for go out on the bulk connection as well. */
  CLAIM_AFTER_WRITE("a page is claimed behind its write: both connections carry it"),
  /** RUN goes out behind the state of the devices. */
  RUN_BEFORE_READY("the source says RUN before the destination has said READY"),
  /** Page sets tell one page too many, or too few. */
  OFF_BY_ONE("page sets are wrong by one page"),
  /** What another connection carried before is taken. */
  DUPLICATE_ACCEPTED("pages that an old connection brings late are placed");

  private final String story;

  Bug(String story) {
    this.story = story;
  }

  /** What is wrong, for a person. */
  public String story() {
    return story;
  }

  /** What it does to the frames of a run. */
  FrameTampering tampering() {
    return switch (this) {
      case NONE, NOBODY_IS_WOKEN -> FrameTampering.NONE;
      case CLAIM_AFTER_WRITE -> new PagesTwice();
      case RUN_BEFORE_READY -> new EarlyRun();
      case OFF_BY_ONE -> new OffByOne();
      case DUPLICATE_ACCEPTED -> new LatePages();
    };
  }

  /** As on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
