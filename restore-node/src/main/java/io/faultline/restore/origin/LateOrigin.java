package io.faultline.restore.origin;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An origin that is made when it is started, because it depends on images that may come late. */
public final class LateOrigin implements PageOrigin {
  /** Makes the origin. */
  public interface Maker {
    /**
     * Makes it, on the session's event loop.
     *
     * @throws IOException with a message for the user
     */
    PageOrigin make() throws IOException;
  }

  private final Maker maker;
  private @Nullable PageOrigin origin;
  private @Nullable PageReceiver failed;

  public LateOrigin(Maker maker) {
    this.maker = maker;
  }

  @Override
  public void start(PageReceiver receiver) {
    try {
      PageOrigin made = maker.make();
      origin = made;
      made.start(receiver);
    } catch (IOException e) {
      failed = receiver;
      receiver.failed(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void request(int pid, long address, int pages, boolean urgent) {
    started().request(pid, address, pages, urgent);
  }

  @Override
  public void flush() {
    started().flush();
  }

  @Override
  public boolean isImmediate() {
    return origin != null && origin.isImmediate();
  }

  @Override
  public String damage() {
    return origin == null ? "" : origin.damage();
  }

  @Override
  public boolean isResumable() {
    return origin != null && origin.isResumable();
  }

  @Override
  public void finish() {
    if (failed != null) {
      failed.finished(); // there is no source to tell
    } else {
      started().finish();
    }
  }

  @Override
  public void abort() {
    if (origin != null) {
      origin.abort();
    }
  }

  @Override
  public void withdraw() {
    if (origin != null) {
      origin.withdraw();
    }
  }

  @Override
  public boolean hasEnded() {
    return origin == null || origin.hasEnded();
  }

  private PageOrigin started() {
    PageOrigin started = origin;
    if (started == null) {
      throw new IllegalStateException("the origin was not started");
    }
    return started;
  }
}
