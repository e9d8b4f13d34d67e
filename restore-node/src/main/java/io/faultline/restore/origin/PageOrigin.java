package io.faultline.restore.origin;

/**
 * Where the pages of a dump come from. Pages are named by the process in the images and the address
 * at the time of the dump.
 *
 * <p>Confined to the session's event loop; answers are delivered on it.
 */
public interface PageOrigin {
  /** Starts; connects if it needs to. Called once, before any request. */
  void start(PageReceiver receiver);

  /**
   * Asks for pages of one extent of the process's {@link io.faultline.restore.space.DumpLayout}.
   * They are answered in any number of pieces, in ascending order; an origin that {@link
   * #isImmediate} answers before this method returns.
   *
   * @param urgent a thread waits for the first of them
   */
  void request(int pid, long address, int pages, boolean urgent);

  /** Sends the requests since the last flush. */
  void flush();

  /** Whether requests are answered before they return: there is no link to fill. */
  boolean isImmediate();

  /**
   * Why pages that were handed over cannot be read any more, for the user; empty if nothing is
   * wrong. Asked after a system call that failed.
   */
  default String damage() {
    return "";
  }

  /**
   * Whether another program could continue now with what was told to {@link
   * SourceReceiver#resumable} and {@link SourceReceiver#connected}, if this one ended without a
   * word.
   */
  default boolean isResumable() {
    return false;
  }

  /**
   * All pages have arrived everywhere: the source may end its process, as the restored one needs
   * nothing of it any more. Calls {@link SourceReceiver#owned} before it tells the source, and then
   * {@link PageReceiver#finished}, in any case: if the source does not confirm, with a {@link
   * PageReceiver#warning} before.
   */
  void finish();

  /**
   * The restore has failed, and the restored processes are being ended: the source's must not be
   * given up from now on, unless {@link #finish} is called again.
   */
  default void withdraw() {}

  /**
   * The restore has failed, and the restored processes are gone: ends so that the source, if it
   * still has the process, runs on. No answer is delivered any more. Also after {@link
   * PageReceiver#failed}.
   */
  void abort();

  /** After {@link #abort}: whether nothing is left to do, such as telling a source that is away. */
  default boolean hasEnded() {
    return true;
  }
}
