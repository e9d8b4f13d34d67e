package io.faultline.dest.takeover;

/** Takes note of pages whose contents are complete, and which must not be written again. */
public interface WrittenPages {
  /** Takes note of nothing. */
  WrittenPages NONE = (region, first, end) -> {};

  /**
   * Base pages of a region are complete. Any thread.
   *
   * @param end exclusive
   */
  void add(int region, long first, long end);
}
