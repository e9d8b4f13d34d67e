package io.faultline.dest.recording;

/**
 * Events of a few longs each, in memory that is allocated beforehand. Once it is full, the first
 * half of the events is kept, since a migration is most interesting right after its switchover, and
 * the other half is a ring of the newest ones. What was overwritten in between is counted.
 *
 * <p>One thread writes, without locks or allocation. Others read after it has ended.
 */
final class EventLog {
  private final int capacity;
  private final int half;
  private final int fields;
  private final long[] values;
  private long written;

  /**
   * @param capacity events, a power of two
   * @param fields longs in each event
   */
  EventLog(int capacity, int fields) {
    if (Integer.bitCount(capacity) != 1 || capacity < 2) {
      throw new IllegalArgumentException("a capacity of " + capacity + ", not a power of two");
    }
    this.capacity = capacity;
    this.half = capacity / 2;
    this.fields = fields;
    values = new long[Math.multiplyExact(capacity, fields)];
  }

  /** Adds an event of two fields. */
  void add(long first, long second) {
    int at = place(written++) * fields;
    values[at] = first;
    values[at + 1] = second;
  }

  /** Adds an event of three fields. */
  void add(long first, long second, long third) {
    int at = place(written++) * fields;
    values[at] = first;
    values[at + 1] = second;
    values[at + 2] = third;
  }

  /** Events that can be read. */
  int size() {
    return (int) Math.min(written, capacity);
  }

  /** Events that were overwritten. */
  long overwritten() {
    return Math.max(0, written - capacity);
  }

  /** A field of an event; events are in the order in which they were added. */
  long get(int event, int field) {
    if (event < 0 || event >= size()) {
      throw new IndexOutOfBoundsException("event " + event + " of " + size());
    }
    return values[place(event < half ? event : event + overwritten()) * fields + field];
  }

  private int place(long number) {
    return number < half ? (int) number : half + (int) ((number - half) & (half - 1));
  }
}
