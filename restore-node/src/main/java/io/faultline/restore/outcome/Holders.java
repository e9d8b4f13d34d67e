package io.faultline.restore.outcome;

import io.faultline.uffd.linux.process.DescriptorHolder;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Sleeping child processes, each of which keeps a descriptor open: the kernel does not close it
 * when this process is killed. Confined to the session's event loop.
 */
final class Holders implements AutoCloseable {
  private static final String NAME = "lazy-pages-holder";

  private final StateDirectory state;
  private final Map<Object, Runnable> holders = new HashMap<>();

  Holders(StateDirectory state) {
    this.state = state;
  }

  /**
   * Keeps a descriptor open until {@link #release}.
   *
   * @param key for {@link #release}
   */
  DescriptorHolder hold(Object key, int descriptor) {
    DescriptorHolder holder = DescriptorHolder.start(NAME, descriptor);
    holders.put(key, holder::close);
    try {
      state.addHolder(holder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return holder;
  }

  /** A holder of an earlier daemon. */
  void adopt(Object key, PidFd holder) {
    holders.put(key, () -> kill(holder));
  }

  private static void kill(PidFd holder) {
    holder.sendSignal(PidFd.SIGKILL);
    holder.close();
  }

  void release(Object key) {
    Runnable end = holders.remove(key);
    if (end != null) {
      end.run();
    }
  }

  /** Ends all of them. */
  @Override
  public void close() {
    holders.values().forEach(Runnable::run);
    holders.clear();
  }
}
