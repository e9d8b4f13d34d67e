package io.faultline.uffd;

/**
 * The events of one read, in a buffer that each read reuses. {@link Userfaultfd#read} fills it; the
 * accessors take the index of an event, from 0 to {@link #size()} - 1.
 *
 * <p>Not thread-safe.
 */
public final class EventBuffer {
  /** The fault was a write ({@code UFFD_PAGEFAULT_FLAG_WRITE}). */
  public static final int FLAG_WRITE = 1;

  /** The fault hit write protection ({@code UFFD_PAGEFAULT_FLAG_WP}). */
  public static final int FLAG_WRITE_PROTECTED = 2;

  /** The fault was minor ({@code UFFD_PAGEFAULT_FLAG_MINOR}). */
  public static final int FLAG_MINOR = 4;

  private final EventType[] types;
  private final long[] first;
  private final long[] second;
  private final long[] third;
  private int size;

  /**
   * @param capacity the maximum number of events per read, 1 to 4096
   */
  public EventBuffer(int capacity) {
    if (capacity < 1 || capacity > 4096) {
      throw new IllegalArgumentException("capacity " + capacity + " is not within 1 to 4096");
    }
    types = new EventType[capacity];
    first = new long[capacity];
    second = new long[capacity];
    third = new long[capacity];
  }

  /** The maximum number of events per read. */
  public int capacity() {
    return types.length;
  }

  /** The number of events that the last read returned. */
  public int size() {
    return size;
  }

  public EventType type(int index) {
    return types[check(index)];
  }

  /** Page fault: the address; that of the page unless {@link Feature#EXACT_ADDRESS} is on. */
  public long address(int index) {
    return fault(index, first);
  }

  /** Page fault: {@link #FLAG_WRITE}, {@link #FLAG_WRITE_PROTECTED} and {@link #FLAG_MINOR}. */
  public int flags(int index) {
    return (int) fault(index, second);
  }

  /** Page fault: the id of the thread that faulted, 0 unless {@link Feature#THREAD_ID} is on. */
  public int threadId(int index) {
    return (int) fault(index, third);
  }

  /**
   * Fork: the descriptor of the child's userfaultfd; pass it to {@link Userfaultfd#adoptForked}.
   */
  public int forkedDescriptor(int index) {
    return (int) of(EventType.FORK, index, first);
  }

  /** Remap: the old address. */
  public long remapFrom(int index) {
    return of(EventType.REMAP, index, first);
  }

  /** Remap: the new address. */
  public long remapTo(int index) {
    return of(EventType.REMAP, index, second);
  }

  /** Remap: the length in bytes. */
  public long remapLength(int index) {
    return of(EventType.REMAP, index, third);
  }

  /** Remove and unmap: the first address. */
  public long rangeStart(int index) {
    return range(index, first);
  }

  /** Remove and unmap: the end of the range, exclusive. */
  public long rangeEnd(int index) {
    return range(index, second);
  }

  /** Empties the buffer. For {@link Userfaultfd} engines. */
  public void clear() {
    size = 0;
  }

  /** Adds an event, with the words that the accessors return. For {@link Userfaultfd} engines. */
  public void add(EventType type, long firstWord, long secondWord, long thirdWord) {
    if (size == types.length) {
      throw new IllegalStateException("the buffer of " + size + " events is full");
    }
    types[size] = type;
    first[size] = firstWord;
    second[size] = secondWord;
    third[size] = thirdWord;
    size++;
  }

  private long fault(int index, long[] words) {
    return of(EventType.PAGE_FAULT, index, words);
  }

  private long range(int index, long[] words) {
    EventType type = type(index);
    if (type != EventType.REMOVE && type != EventType.UNMAP) {
      throw new IllegalStateException("event " + index + " is " + type + ", which has no range");
    }
    return words[index];
  }

  private long of(EventType wanted, int index, long[] words) {
    EventType type = type(index);
    if (type != wanted) {
      throw new IllegalStateException("event " + index + " is " + type + ", not " + wanted);
    }
    return words[index];
  }

  private int check(int index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException("event " + index + " of " + size);
    }
    return index;
  }
}
