package io.faultline.restore;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.faultline.proto.Transport;
import io.faultline.restore.criu.RestoreSocket;
import io.faultline.restore.space.DumpLayout;
import io.faultline.uffd.Feature;
import io.faultline.uffd.MapRequest;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.DescriptorConnection;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * Restores memory of this process, as CRIU would restore a process, before CRIU waits: a JVM takes
 * a fifth of a second to load and compile what the first fault needs.
 */
public final class RestoreRehearsal {
  private static final int PAGES = 512;
  private static final int FINISHED = 0x52535446;
  private static final int MILLIS_PER_RUN = 10_000;

  private final LinuxKernel kernel = new LinuxKernel();
  private final Path directory;

  private RestoreRehearsal(Path directory) {
    this.directory = directory;
  }

  /**
   * Restores several times.
   *
   * @param times how often; each takes some 20 ms, the first longer
   * @return the reason if this machine does not permit it; empty if it worked. Nothing is lost then
   *     but time
   */
  public static String run(int times) {
    try {
      Path directory = Files.createTempDirectory("faultline-rehearsal");
      try {
        for (int i = 0; i < times; i++) {
          new RestoreRehearsal(directory).restore();
        }
      } finally {
        Files.deleteIfExists(directory.resolve(RestoreSocket.NAME));
        Files.delete(directory);
      }
      return "";
    } catch (IOException | SystemCallException | CompletionException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private void restore() throws IOException {
    long bytes = (long) PAGES * DumpLayout.PAGE_BYTES;
    long address = kernel.map(MapRequest.anonymous(bytes, PageSize.BASE));
    try (Transport transport = new Transport();
        Arena arena = Arena.ofConfined()) {
      RehearsedDump dump = new RehearsedDump(address, PAGES);
      LazyPagesDaemon daemon =
          LazyPagesDaemon.listen(
              transport,
              directory,
              dump,
              loop -> dump,
              loop -> dump,
              LazyPagesSettings.DEFAULT,
              RestoreEvents.of(state -> {}, warning -> {}));
      try {
        actAsCriu(address, bytes, arena);
        RestoreReport report =
            daemon.result().orTimeout(MILLIS_PER_RUN, TimeUnit.MILLISECONDS).join();
        if (report.state() != RestoreState.COMPLETED) {
          throw new IOException(report.error());
        }
      } finally {
        daemon.close();
      }
    } finally {
      kernel.unmap(address, bytes);
    }
  }

  private void actAsCriu(long address, long bytes, Arena arena) throws IOException {
    MemorySegment word = arena.allocate(JAVA_INT);
    try (DescriptorConnection connection =
        DescriptorConnection.connect(directory.resolve(RestoreSocket.NAME))) {
      Thread task = Thread.ofPlatform().daemon().unstarted(() -> touch(address, bytes));
      try (Userfaultfd memory = kernel.openUserfaultfd(OpenOptions.of(Feature.EVENT_FORK))) {
        memory.register(address, bytes, Set.of(RegisterMode.MISSING));
        send(connection, word, RehearsedDump.PID);
        require(connection.send(word.address(), 1, memory.fd()));
      }
      task.start();
      send(connection, word, FINISHED);
      task.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Faults on every other page: the background transfer brings the rest. */
  private void touch(long address, long bytes) {
    for (long offset = 0; offset < bytes; offset += 2 * DumpLayout.PAGE_BYTES) {
      long _ = kernel.guestLoad(address + offset);
    }
  }

  private static void send(DescriptorConnection connection, MemorySegment word, int value)
      throws IOException {
    word.set(JAVA_INT, 0, value);
    require(connection.send(word.address(), (int) word.byteSize()));
  }

  private static void require(int sent) throws IOException {
    if (sent <= 0) {
      throw new IOException("the rehearsal's socket is closed");
    }
  }
}
