package io.faultline.uffd;

/** Kinds of events ({@code UFFD_EVENT_*}). */
public enum EventType {
  /** A thread faulted, and sleeps until the page is resolved. */
  PAGE_FAULT(0x12),
  /** The process forked; the event carries a userfaultfd for the child. */
  FORK(0x13),
  /** mremap moved a range. */
  REMAP(0x14),
  /** Pages were dropped: MADV_DONTNEED, MADV_FREE, MADV_REMOVE. */
  REMOVE(0x15),
  /** A range was unmapped. */
  UNMAP(0x16);

  private static final EventType[] VALUES = values();

  private final int code;

  EventType(int code) {
    this.code = code;
  }

  /** The code in {@code struct uffd_msg.event}. */
  public int code() {
    return code;
  }

  /**
   * The type of a code.
   *
   * @throws IllegalArgumentException for a code that this version does not know
   */
  public static EventType ofCode(int code) {
    int index = code - PAGE_FAULT.code;
    if (index < 0 || index >= VALUES.length) {
      throw new IllegalArgumentException("userfaultfd event of unknown type 0x" + hex(code));
    }
    return VALUES[index];
  }

  private static String hex(int code) {
    return Integer.toHexString(code);
  }
}
