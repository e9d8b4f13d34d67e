package io.faultline.uffd.linux.process;

import io.faultline.uffd.linux.FileDescriptors;

/**
 * The descriptors that came with one {@link DescriptorConnection#receive}, all close-on-exec. It
 * owns those that were not {@link #take taken}: {@link #close}, and the next receive, close them.
 *
 * <p>Not thread-safe.
 */
public final class ReceivedDescriptors implements AutoCloseable {
  /** The most descriptors per receive; the kernel closes all others. */
  public static final int MAX = 2;

  private final int[] descriptors = new int[MAX];
  private int first;
  private int end;
  private boolean truncated;

  /** The number of descriptors not taken yet. */
  public int count() {
    return end - first;
  }

  /** Whether more descriptors were sent than fit, and the kernel dropped them. */
  public boolean isTruncated() {
    return truncated;
  }

  /**
   * Removes and returns the next descriptor, which the caller then owns.
   *
   * @throws IllegalStateException if there is none
   */
  public int take() {
    if (first == end) {
      throw new IllegalStateException("no descriptor was received, or all are taken");
    }
    return descriptors[first++];
  }

  /** Closes the descriptors that were not taken. */
  @Override
  public void close() {
    while (first < end) {
      FileDescriptors.close(descriptors[first++]);
    }
  }

  /** Empties it, for the next receive. */
  void reset() {
    close();
    first = 0;
    end = 0;
    truncated = false;
  }

  /** Adds a descriptor; closes it if it does not fit. */
  void add(int descriptor) {
    if (end == MAX) {
      FileDescriptors.close(descriptor);
      truncated = true;
    } else {
      descriptors[end++] = descriptor;
    }
  }

  void markTruncated() {
    truncated = true;
  }
}
