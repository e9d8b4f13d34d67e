package io.faultline.restore.outcome;

import io.faultline.uffd.linux.process.DescriptorHolder;
import io.faultline.uffd.linux.process.DescriptorQueue;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * Sleeping child processes, each of which keeps a descriptor open: the kernel does not close it
 * when this process is killed. Until a child process has started, a {@link DescriptorQueue} keeps
 * the descriptor. Confined to the session's event loop.
 */
final class Holders implements AutoCloseable {
  private static final String NAME = "lazy-pages-holder";

  private final StateDirectory state;
  private final Executor loop;
  private final DescriptorQueue queue;
  private final Map<Object, Runnable> holders = new HashMap<>();
  private final Map<Object, Start> starts = new HashMap<>();

  /** A holder that is to be started. */
  private record Start(int descriptor, Held then) {}

  /** What is to be done when a descriptor has a holder. */
  interface Held {
    void by(DescriptorHolder holder);
  }

  /**
   * @param loop the session's
   * @throws IOException if the state cannot be written
   */
  Holders(StateDirectory state, Executor loop) throws IOException {
    this.state = state;
    this.loop = loop;
    queue = DescriptorQueue.start(NAME);
    state.addHolder(queue.holder());
    state.addQueue(queue.holder());
  }

  /** Keeps a descriptor open that has just arrived, until {@link #hold} or {@link #holdSoon}. */
  void protect(int descriptor) {
    boolean _ = queue.put(descriptor); // full after some hundred forks in one read of events
  }

  /**
   * Keeps a descriptor open until {@link #release}.
   *
   * @param key for {@link #release}
   */
  DescriptorHolder hold(Object key, int descriptor) {
    protect(descriptor);
    DescriptorHolder holder = start(key, descriptor);
    clearQueue();
    return holder;
  }

  /**
   * Keeps a descriptor open, like {@link #hold}, without delaying those that arrive at the same
   * time: its holder starts later.
   */
  void holdSoon(Object key, int descriptor, Held then) {
    protect(descriptor);
    starts.put(key, new Start(descriptor, then));
    loop.execute(() -> holdNow(key));
  }

  /** Starts the holder of a key if it has not started. */
  void holdNow(Object key) {
    Start due = starts.get(key);
    if (due != null) {
      due.then.by(start(key, due.descriptor));
      starts.remove(key); // not if that failed: the queue keeps it
      clearQueue();
    }
  }

  private DescriptorHolder start(Object key, int descriptor) {
    DescriptorHolder holder = DescriptorHolder.start(NAME, descriptor);
    holders.put(key, holder::close);
    try {
      state.addHolder(holder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return holder;
  }

  /** Once each descriptor in it has a holder. */
  private void clearQueue() {
    if (starts.isEmpty()) {
      queue.clear();
    }
  }

  /** A holder of an earlier daemon. */
  void adopt(Object key, PidFd holder) {
    holders.put(key, () -> kill(holder));
  }

  static void kill(PidFd holder) {
    holder.sendSignal(PidFd.SIGKILL);
    holder.close();
  }

  void release(Object key) {
    Start due = starts.remove(key);
    Runnable end = holders.remove(key);
    if (end != null) {
      end.run();
    }
    if (due != null) {
      clearQueue();
    }
  }

  /** Ends all of them. */
  @Override
  public void close() {
    holders.values().forEach(Runnable::run);
    holders.clear();
    starts.clear();
    queue.close();
  }
}
