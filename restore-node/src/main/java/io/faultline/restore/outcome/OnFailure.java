package io.faultline.restore.outcome;

/** What happens to the restored processes if not all of their pages can arrive. */
public enum OnFailure {
  /** They are killed; then the source runs on. */
  ROLLBACK,

  /** They sleep on their missing pages, until a daemon that is started later takes over. */
  HOLD,

  /** They are killed, and so is the source: the process shall run nowhere. */
  KILL
}
