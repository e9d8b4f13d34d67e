package io.faultline.cli.pager;

import io.faultline.cli.options.ByteSize;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.pager.PagerServer;
import io.faultline.pager.Stores;
import io.faultline.paging.PagerOptions;
import io.faultline.paging.SharedMemoryPager;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** One run of {@code faultline pager}: until a signal ends it. */
final class PagerRun {
  private static final int DONE = 0;

  private final Path socket;
  private final @Nullable Path store;
  private final @Nullable Path root;
  private final ByteSize buffer;
  private final int handlers;
  private final CommandOutput output;

  PagerRun(
      Path socket,
      @Nullable Path store,
      @Nullable Path root,
      ByteSize buffer,
      int handlers,
      CommandOutput output) {
    this.socket = socket;
    this.store = store;
    this.root = root;
    this.buffer = buffer;
    this.handlers = handlers;
    this.output = output;
  }

  /**
   * Runs until a signal; never returns after that.
   *
   * @throws UsageException if an option cannot work
   */
  void run() throws IOException, InterruptedException {
    LinuxKernel kernel = new LinuxKernel();
    Stores stores = new Stores(store, root);
    SharedMemoryPager pager = open(kernel);
    PagerServer server = PagerServer.start(kernel, pager, stores, new PagerLog(output), socket);
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> end(server, pager), "write-back-at-signal"));
    output.print("pager: listening on " + socket + ", buffer " + buffer);
    new CountDownLatch(1).await();
  }

  private SharedMemoryPager open(LinuxKernel kernel) {
    try {
      return SharedMemoryPager.open(kernel, PagerOptions.of(buffer.bytes()).withHandlers(handlers));
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  /** A signal is the way to end a pager, so it ends with the exit code of success. */
  private void end(PagerServer server, SharedMemoryPager pager) {
    server.close();
    pager.close();
    output.awaitPrinted();
    Runtime.getRuntime().halt(DONE);
  }
}
