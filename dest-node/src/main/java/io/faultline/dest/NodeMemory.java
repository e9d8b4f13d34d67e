package io.faultline.dest;

import io.faultline.uffd.host.SystemFiles;

/**
 * The memory of a node's JVM, without what it allocates for a VM. A node allocates nothing for each
 * page, so its heap grows by little more than the young generation, until the first collection has
 * used all of that.
 */
public final class NodeMemory {
  /** The young generation that the launcher sets ({@code -Xmn128m}). */
  private static final long YOUNG_BYTES = 128L << 20;

  /**
   * Everything else: metaspace, code, symbols and stacks, what lives long in the heap, and pooled
   * buffers. Measured: 98 MiB at the end of a migration of 512 MiB over four connections.
   */
  private static final long REST_BYTES = 112L << 20;

  /** What code and metaspace still grow by, even in a process that is larger than a node. */
  private static final long LEAST_BYTES = 32L << 20;

  private NodeMemory() {}

  /** What a node takes in all: the young generation, unless the heap is smaller, and the rest. */
  public static long wholeBytes() {
    return Math.min(Runtime.getRuntime().maxMemory(), YOUNG_BYTES) + REST_BYTES;
  }

  /** What a node in this process will still take. */
  public static long remainingBytes(SystemFiles files) {
    long has = files.kibibytes("/proc/self/status", "RssAnon").orElse(0);
    return Math.max(LEAST_BYTES, wholeBytes() - has);
  }
}
