package io.faultline.dest;

/** What could not be placed for lack of memory, and is tried again until it can. */
interface MemoryWaiter {
  /**
   * Goes on from where memory ran out.
   *
   * @return false if memory is still short; true if nothing is left to wait for, also because it
   *     was given up meanwhile
   */
  boolean retry();
}
