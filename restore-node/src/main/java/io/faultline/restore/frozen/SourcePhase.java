package io.faultline.restore.frozen;

/** The phases of a {@link FrozenProcessSource}. */
public enum SourcePhase {
  /** The processes are not frozen yet, or the dump does not listen. */
  FREEZING,
  /** Requests are answered. The processes continue here if the destination fails. */
  SERVING,
  /** The destination has all pages and owns the processes: they never continue here. */
  COMMITTED,
  /** The dump is told how to end. */
  ENDING,
  ENDED
}
