package io.faultline.restore.origin;

/**
 * Whether a server that has something to answer has sent nothing for too long. Reads no clock: it
 * is asked once a second.
 */
final class SilenceLimit {
  private final int limitSeconds;
  private long receivedBytes;
  private int silentSeconds;

  SilenceLimit(int limitSeconds) {
    this.limitSeconds = limitSeconds;
  }

  /**
   * Another second has passed.
   *
   * @param waits whether the server has something to answer
   * @param receivedBytesNow all bytes so far
   */
  boolean isOver(boolean waits, long receivedBytesNow) {
    silentSeconds = waits && receivedBytesNow == receivedBytes ? silentSeconds + 1 : 0;
    receivedBytes = receivedBytesNow;
    return silentSeconds >= limitSeconds;
  }
}
