package io.faultline.restore.outcome;

import io.faultline.uffd.linux.process.DescriptorHolder;
import io.faultline.uffd.linux.process.DetachedProcess;
import io.faultline.uffd.linux.process.Pipe;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Child processes that do what has to be done when this process is killed with SIGKILL, or by the
 * kernel for lack of memory. The <i>holders</i> keep descriptors open, so that the kernel does not
 * close the last userfaultfd of a process that misses pages. The <i>guard</i>, a shell that runs
 * {@code guard.sh}, sleeps until the pipe from this process ends, kills the restored processes, and
 * then the holders.
 *
 * <p>Confined to the session's event loop.
 */
final class Guard implements AutoCloseable {
  private static final Path SHELL = Path.of("/bin/sh");
  private static final String SCRIPT = "guard.sh";
  private static final String LOG = "lazy-pages.rollback";
  private static final byte[] DONE = "done\n".getBytes(StandardCharsets.UTF_8);

  private final StateDirectory state;
  private final Pipe pipe;
  private final DetachedProcess guard;
  private final Map<Object, DescriptorHolder> holders = new HashMap<>();
  private boolean dismissed;

  private Guard(StateDirectory state, Pipe pipe, DetachedProcess guard) {
    this.state = state;
    this.pipe = pipe;
    this.guard = guard;
  }

  /**
   * Starts the guard.
   *
   * @throws IOException if the work directory cannot be used
   */
  static Guard start(Path workDirectory) throws IOException {
    StateDirectory state = StateDirectory.create(workDirectory);
    Pipe pipe = Pipe.open();
    try {
      List<String> arguments =
          List.of(
              "sh",
              "-c",
              script(),
              "lazy-pages-guard",
              state.path().toString(),
              state.path().resolveSibling(LOG).toString());
      DetachedProcess guard = DetachedProcess.start(SHELL, arguments, pipe.reading());
      pipe.closeReading();
      return new Guard(state, pipe, guard);
    } catch (RuntimeException e) {
      pipe.close();
      state.delete();
      throw e;
    }
  }

  private static String script() {
    try (InputStream in = Guard.class.getResourceAsStream(SCRIPT)) {
      if (in == null) {
        throw new IllegalStateException(SCRIPT + " is missing in this build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** This process is killed if the guard has to act. */
  void watch(RestoredProcess process) {
    try {
      state.addProcess(process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A descriptor stays open until {@link #release}, or until the guard has killed the processes.
   *
   * @param key for {@link #release}
   */
  void hold(Object key, int descriptor) {
    DescriptorHolder holder = DescriptorHolder.start("lazy-pages-holder", descriptor);
    holders.put(key, holder);
    try {
      state.addHolder(holder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void release(Object key) {
    DescriptorHolder holder = holders.remove(key);
    if (holder != null) {
      holder.close();
    }
  }

  /** The guard has nothing to do any more, whenever this process ends. */
  void dismiss() {
    if (!dismissed) {
      dismissed = true;
      try {
        pipe.write(DONE);
      } catch (IOException e) {
        guard.close();
      }
    }
  }

  @Override
  public void close() {
    dismiss();
    pipe.close();
    guard.await();
    holders.values().forEach(DescriptorHolder::close);
    holders.clear();
    state.delete();
  }
}
