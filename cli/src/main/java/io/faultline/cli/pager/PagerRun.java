package io.faultline.cli.pager;

import io.faultline.cli.compression.CompressedMemory;
import io.faultline.cli.control.ControlServer;
import io.faultline.cli.metrics.Metrics;
import io.faultline.cli.options.ByteSize;
import io.faultline.cli.options.HostPort;
import io.faultline.cli.options.UsageException;
import io.faultline.cli.status.PagerStatusFile;
import io.faultline.cli.terminal.CommandOutput;
import io.faultline.pager.PagerServer;
import io.faultline.pager.Stores;
import io.faultline.paging.PagingException;
import io.faultline.paging.SharedMemoryPager;
import io.faultline.paging.store.CompressedMemoryStore;
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
  private final PagerSettings settings;
  private final CommandOutput output;
  private final PagerLog log;

  PagerRun(PagerSettings settings, CommandOutput output) {
    this.settings = settings;
    this.output = output;
    this.log = new PagerLog(output);
  }

  /**
   * Runs until a signal; never returns after that.
   *
   * @param result written at the end
   * @throws UsageException if an option cannot work
   */
  void run(PagerResult result) throws IOException, InterruptedException {
    Path store = settings.store();
    if (store != null) {
      StoreSpace.require(store);
    }
    LinuxKernel kernel = new LinuxKernel();
    HostPort address = settings.metrics();
    Metrics metrics = address == null ? null : Metrics.open(address, Duration.ZERO, null, output);
    CompressedMemoryStore memory = memory();
    Stores stores = stores(memory);
    SharedMemoryPager pager = open(kernel);
    PagerServer server = start(kernel, pager, stores);
    if (metrics != null) {
      PagerMeters.register(metrics.registry(), server, pager, log, memory);
    }
    ControlServer control =
        ControlServer.ofPager(
            settings.state(),
            () -> PagerFigures.status(server, pager, log, memory),
            output::message);
    PagerStatusFile status =
        PagerStatusFile.create(settings.state(), settings.socket(), output::message);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  boolean isGood = end(server, pager, result);
                  control.close();
                  status.close();
                  output.awaitPrinted();
                  Runtime.getRuntime().halt(isGood ? ExitCode.OK : ExitCode.SOFTWARE);
                },
                "write-back-at-signal"));
    output.print(
        "pager: listening on "
            + settings.socket()
            + ", buffer "
            + new ByteSize(settings.options().bufferBytes()));
    new CountDownLatch(1).await();
  }

  private @Nullable CompressedMemoryStore memory() {
    CompressedMemory memory = settings.memory();
    try {
      return memory == null ? null : memory.open();
    } catch (IllegalArgumentException e) {
      throw new UsageException("--store-memory: " + e.getMessage());
    }
  }

  private Stores stores(@Nullable CompressedMemoryStore memory) throws IOException {
    try {
      return new Stores(settings.store(), settings.root(), memory);
    } catch (PagingException e) {
      throw new UsageException("--store " + e.getMessage());
    }
  }

  private SharedMemoryPager open(LinuxKernel kernel) {
    try {
      return SharedMemoryPager.open(kernel, settings.options());
    } catch (IllegalArgumentException e) {
      throw new UsageException("--" + e.getMessage());
    }
  }

  private PagerServer start(LinuxKernel kernel, SharedMemoryPager pager, Stores stores) {
    try {
      return PagerServer.start(
          kernel, pager, stores, log, settings.socket(), settings.maxClients());
    } catch (SystemCallException e) {
      throw new UsageException("--socket: " + e.getMessage());
    }
  }

  /**
   * A signal is the way to end a pager, so it ends with the exit code of success.
   *
   * @return false if something that a client had stored is lost, or the result cannot be written
   */
  private boolean end(PagerServer server, SharedMemoryPager pager, PagerResult result) {
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
    return isGood;
  }

  private void awaitClients(PagerServer server) {
    int clients = server.clients();
    Duration grace = settings.grace();
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
