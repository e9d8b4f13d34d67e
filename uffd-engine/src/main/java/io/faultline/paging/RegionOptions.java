package io.faultline.paging;

/**
 * The settings of a region.
 *
 * @param leastBytes what the region may have of the buffer whatever others need; 0: nothing, it
 *     shares the buffer with the other regions of which that is so
 * @param mostBytes what it may have at most, without pages on their way to the store; {@link
 *     Long#MAX_VALUE}: no limit but the buffer
 * @param writable whether it can be stored to; if not, the store may be a read-only one, and a
 *     store to it is a memory error for native code
 */
public record RegionOptions(long leastBytes, long mostBytes, boolean writable) {
  /** Writable, without a budget of its own. */
  public static final RegionOptions DEFAULT = new RegionOptions(0, Long.MAX_VALUE, true);

  public RegionOptions {
    if (leastBytes < 0 || mostBytes < leastBytes) {
      throw new IllegalArgumentException(
          "a budget of " + leastBytes + " to " + mostBytes + " bytes is impossible");
    }
  }

  public RegionOptions withLeast(long bytes) {
    return new RegionOptions(bytes, mostBytes, writable);
  }

  public RegionOptions withMost(long bytes) {
    return new RegionOptions(leastBytes, bytes, writable);
  }

  public RegionOptions readOnly() {
    return new RegionOptions(leastBytes, mostBytes, false);
  }

  boolean hasBudget() {
    return leastBytes > 0 || mostBytes < Long.MAX_VALUE;
  }
}
