package io.faultline.restore.origin;

/**
 * What a {@link PageOrigin} tells about the source's processes: who owns them, and how another
 * program could continue. All on the session's event loop.
 */
public interface SourceReceiver {
  /** Ignores everything. */
  SourceReceiver NONE = new SourceReceiver() {};

  /**
   * There is a connection to the source. Its end lets the source continue, so it must not be closed
   * while there are restored processes.
   *
   * @param descriptor of its socket
   */
  default void connected(int descriptor) {}

  /**
   * The source keeps its processes frozen for at least this time from now on, and may let them
   * continue later.
   *
   * @param nanos {@link Long#MAX_VALUE} for ever
   */
  default void leased(long nanos) {}

  /**
   * What another program needs to continue with this origin.
   *
   * @param state secret; replaces what was told before
   */
  default void resumable(byte[] state) {}

  /**
   * After {@link PageOrigin#finish}: the source does not let its processes continue as long as its
   * connection stays open, or at all. So the restored ones are the only ones. The source has not
   * been told to end them.
   */
  default void owned() {}
}
