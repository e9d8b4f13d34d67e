package io.faultline.restore.pageserver;

/** Commands of CRIU's page server protocol (CRIU, criu/page-xfer.c). */
public final class PageServerCommand {
  /** Pages with contents: as {@link #ADD_WITH_FLAGS} with PRESENT. */
  public static final int ADD = 1;

  /** Pages in the parent images: as {@link #ADD_WITH_FLAGS} with PARENT. */
  public static final int HOLE = 2;

  /** Starts a pagemap; no answer. */
  public static final int OPEN = 3;

  /** Starts a pagemap; the answer is a byte: whether the parent images have one, too. */
  public static final int OPEN_ANSWERED = 4;

  /** Asks whether the parent images have a pagemap; the answer is an int. */
  public static final int PARENT = 5;

  /** Pages with the flags of a pagemap entry; contents follow if PRESENT is one. Also an answer. */
  public static final int ADD_WITH_FLAGS = 6;

  /** Asks for pages. */
  public static final int GET = 7;

  /** The session is complete; the answer is an int, 0 for success. */
  public static final int CLOSE = 0x1023;

  /** As {@link #CLOSE}, for a socket that another process keeps open. */
  public static final int FORCE_CLOSE = 0x1024;

  private PageServerCommand() {}
}
