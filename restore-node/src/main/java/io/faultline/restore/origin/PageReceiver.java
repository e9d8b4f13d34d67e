package io.faultline.restore.origin;

/** What a {@link PageOrigin} tells. All on the session's event loop. */
public interface PageReceiver {
  /**
   * Pages that were asked for.
   *
   * @param data native address of their contents, valid during the call
   */
  void pages(int pid, long address, int pages, long data);

  /** These pages were asked for and are not answered (a short answer): ask again. */
  void unanswered(int pid, long address, int pages);

  /**
   * The origin cannot deliver any more. Nothing follows.
   *
   * @param reason one line for the user: what, where, what to do
   */
  void failed(String reason);

  /** {@link PageOrigin#finish} is done. Nothing follows. */
  void finished();
}
