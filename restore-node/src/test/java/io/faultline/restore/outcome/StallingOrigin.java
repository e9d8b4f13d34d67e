package io.faultline.restore.outcome;

import io.faultline.restore.origin.PageOrigin;
import io.faultline.restore.origin.PageReceiver;
import io.faultline.restore.space.DumpLayout;
import io.netty.channel.EventLoop;

/** Answers requests for addresses below a limit, and never the others: the middle of a transfer. */
final class StallingOrigin implements PageOrigin {
  private final PageOrigin origin;
  private final EventLoop loop;
  private final long firstAddress;
  private final long pages;

  /**
   * @param pages how many pages are answered, from this address on
   */
  StallingOrigin(PageOrigin origin, EventLoop loop, long firstAddress, long pages) {
    this.origin = origin;
    this.loop = loop;
    this.firstAddress = firstAddress;
    this.pages = pages;
  }

  @Override
  public void start(PageReceiver receiver) {
    origin.start(receiver);
  }

  @Override
  public void request(int pid, long address, int count, boolean urgent) {
    long first = (address - firstAddress) / DumpLayout.PAGE_BYTES;
    int answered = Math.clamp(pages - first, 0, count);
    if (answered > 0) {
      loop.execute(() -> origin.request(pid, address, answered, urgent));
    }
  }

  @Override
  public void flush() {}

  @Override
  public boolean isImmediate() {
    return false;
  }

  @Override
  public boolean isResumable() {
    return origin.isResumable();
  }

  @Override
  public void finish() {
    origin.finish();
  }

  @Override
  public void abort() {
    origin.abort();
  }
}
