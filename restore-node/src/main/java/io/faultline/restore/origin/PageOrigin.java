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
   * All pages have arrived everywhere: tells the source that it may forget them, then calls {@link
   * PageReceiver#finished}.
   */
  void finish();

  /**
   * The restore has failed: ends so that the source, if it still has the process, runs on. No
   * answer is delivered any more.
   */
  void abort();
}
