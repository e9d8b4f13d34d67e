package io.faultline.cli.pager;

import io.faultline.cli.options.ByteSize;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.pager.PagerServer;
import io.faultline.pager.Stores;
import io.faultline.paging.PagerOptions;
import io.faultline.paging.PagingException;
import io.faultline.paging.SharedMemoryPager;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.LinuxKernel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ExitCode;

/** One run of {@code faultline pager}: until a signal ends it. */
final class PagerRun {
  private final Path socket;
  private final @Nullable Path store;
  private final @Nullable Path root;
  private final PagerOptions options;
  private final Duration grace;
  private final CommandOutput output;

  /**
   * @param grace how long clients may stay after a signal
   */
  PagerRun(
      Path socket,
      @Nullable Path store,
      @Nullable Path root,
      PagerOptions options,
      Duration grace,
      CommandOutput output) {
    this.socket = socket;
    this.store = store;
    this.root = root;
    this.options = options;
    this.grace = grace;
    this.output = output;
  }

  /**
   * Runs until a signal; never returns after that.
   *
   * @param result written at the end
   * @throws UsageException if an option cannot work
   */
  void run(PagerResult result) throws IOException, InterruptedException {
    if (store != null) {
      StoreSpace.require(store);
    }
    LinuxKernel kernel = new LinuxKernel();
    Stores stores = stores();
    SharedMemoryPager pager = open(kernel);
    PagerLog log = new PagerLog(output);
    PagerServer server = start(kernel, pager, stores, log);
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> end(server, pager, log, result), "write-back-at-signal"));
    output.print(
        "pager: listening on " + socket + ", buffer " + new ByteSize(options.bufferBytes()));
    new CountDownLatch(1).await();
  }

  private Stores stores() throws IOException {
    try {
      return new Stores(store, root);
    } catch (PagingException e) {
      throw new UsageException("--store " + e.getMessage());
    }
  }

  private SharedMemoryPager open(LinuxKernel kernel) {
    try {
      return SharedMemoryPager.open(kernel, options);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--" + e.getMessage());
    }
  }

  private PagerServer start(
      LinuxKernel kernel, SharedMemoryPager pager, Stores stores, PagerLog log) {
    try {
      return PagerServer.start(kernel, pager, stores, log, socket);
    } catch (SystemCallException e) {
      throw new UsageException("--socket: " + e.getMessage());
    }
  }

  /** A signal is the way to end a pager, so it ends with the exit code of success. */
  private void end(PagerServer server, SharedMemoryPager pager, PagerLog log, PagerResult result) {
    server.stopAccepting();
    awaitClients(server);
    server.close();
    boolean isGood = !server.hasLostStores();
    try {
      result.write(pager, log, !isGood);
    } catch (IOException e) {
      output.message("--json cannot be written: " + e);
      isGood = false;
    }
    pager.close();
    output.awaitPrinted();
    Runtime.getRuntime().halt(isGood ? ExitCode.OK : ExitCode.SOFTWARE);
  }

  private void awaitClients(PagerServer server) {
    int clients = server.clients();
    if (clients == 0 || grace.isZero()) {
      return;
    }
    output.message(
        clients
            + " clients are connected: waiting up to "
            + grace.toSeconds()
            + " s for them; then everything is written back, and their accesses fail");
    try {
      boolean _ = server.awaitNoClients(grace.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
