package io.faultline.restore.origin;

import io.faultline.restore.space.DumpLayout;
import io.faultline.restore.space.ZeroPages;

/** What a {@link PageOrigin} tells. All on the session's event loop. */
public interface PageReceiver {
  /** Where to tell what happens to the source. */
  default SourceReceiver source() {
    return SourceReceiver.NONE;
  }

  /**
   * Pages that were asked for.
   *
   * @param data native address of their contents, valid during the call
   */
  void pages(int pid, long address, int pages, long data);

  /**
   * Pages that were asked for and contain only zeros. By default they are passed on as {@link
   * #pages}, in pieces.
   *
   * @param pages at least 1
   */
  default void zeros(int pid, long address, int pages) {
    for (int done = 0; done < pages; ) {
      int count = Math.min(ZeroPages.COUNT, pages - done);
      pages(pid, address + (long) done * DumpLayout.PAGE_BYTES, count, ZeroPages.address());
      done += count;
    }
  }

  /** These pages were asked for and are not answered (a short answer): ask again. */
  void unanswered(int pid, long address, int pages);

  /**
   * The origin cannot deliver any more. Nothing follows. The source still waits, until {@link
   * PageOrigin#abort}: end the restored processes first. After {@link PageOrigin#finish} only if
   * the source will let its processes continue, or may do so soon.
   *
   * @param reason one line for the user: what, where, what to do
   */
  void failed(String reason);

  /** Something went wrong that does no harm: one line for the user. */
  void warning(String message);

  /** {@link PageOrigin#finish} is done. Nothing follows. */
  void finished();
}
