package io.faultline.restore.rehearsal;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.faultline.restore.criu.RestoreSocket;
import io.faultline.restore.space.DumpLayout;
import io.faultline.uffd.Feature;
import io.faultline.uffd.OpenOptions;
import io.faultline.uffd.RegisterMode;
import io.faultline.uffd.Userfaultfd;
import io.faultline.uffd.linux.LinuxKernel;
import io.faultline.uffd.linux.process.DescriptorConnection;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/**
 * Sends what CRIU sends for a process, with a userfaultfd for memory of this one, and touches that
 * memory as the process would.
 *
 * @param directory with the socket
 * @param pid of the process
 * @param bytes its memory
 * @param lazyBytes how much of it is in the dump: the rest is zeros
 */
record RehearsedCriu(
    LinuxKernel kernel, Path directory, int pid, long address, long bytes, long lazyBytes) {
  private static final int FINISHED = 0x52535446;
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** Returns when all of the memory was touched. */
  void restore() throws IOException {
    try (Arena arena = Arena.ofConfined();
        DescriptorConnection connection =
            DescriptorConnection.connect(directory.resolve(RestoreSocket.NAME))) {
      MemorySegment word = arena.allocate(JAVA_INT);
      try (Userfaultfd memory = kernel.openUserfaultfd(OpenOptions.of(Feature.EVENT_FORK))) {
        memory.register(address, bytes, Set.of(RegisterMode.MISSING));
        send(connection, word, pid);
        require(connection.send(word.address(), 1, memory.fd()));
      }
      Thread task = Thread.ofPlatform().daemon().start(this::touch);
      send(connection, word, FINISHED);
      if (!task.join(LIMIT)) {
        throw new IOException("pages of the rehearsal do not arrive");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Faults on zeros, and on every other page of the dump: the rest comes in the background. */
  private void touch() {
    for (long offset = lazyBytes; offset < bytes; offset += DumpLayout.PAGE_BYTES) {
      long _ = kernel.guestLoad(address + offset);
    }
    for (long offset = 0; offset < lazyBytes; offset += 2 * DumpLayout.PAGE_BYTES) {
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
