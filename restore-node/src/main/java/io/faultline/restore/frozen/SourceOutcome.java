package io.faultline.restore.frozen;

/** What became of the frozen processes. */
public enum SourceOutcome {
  /** The destination has all pages: the dump was told to end them. */
  MOVED,
  /** The destination failed or is gone: the dump was told to let them continue here. */
  RELEASED,
  /**
   * Neither: they are frozen still, since the dump could not be told; or were not frozen, or not
   * any more, since the dump ended.
   */
  LEFT
}
