package io.faultline.cli.bench.criu;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * {@code fs.pipe-max-size} of at least 4 MiB. A stock page server without CAP_SYS_RESOURCE needs
 * it, or its first request fails with EBADF, after the process was restored. The first user on the
 * machine raises it and the last one puts it back: each holds a shared lock on a file, which also
 * has the value to put back. Thread-safe.
 */
final class PipeSizeLimit {
  private static final long NEEDED = 4 << 20;
  private static final Path LIMIT = Path.of("/proc/sys/fs/pipe-max-size");
  private static final Path SHARED =
      Path.of(System.getProperty("java.io.tmpdir"), "faultline-pipe-max-size");

  private static final PipeSizeLimit OF_THIS_JVM = new PipeSizeLimit();

  private int users;
  private @Nullable FileChannel file;
  private @Nullable FileLock lock;

  private PipeSizeLimit() {}

  /** Raises the limit where it is lower, until {@link #giveBack}. */
  static void raise() throws IOException {
    OF_THIS_JVM.add();
  }

  /** Puts the former value back if this was the last user. */
  static void giveBack() throws IOException {
    OF_THIS_JVM.remove();
  }

  private synchronized void add() throws IOException {
    if (users++ > 0) {
      return;
    }
    FileChannel opened =
        FileChannel.open(
            SHARED, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    file = opened;
    lock = opened.lock(0, Long.MAX_VALUE, true);
    String former = current();
    if (Long.parseLong(former) < NEEDED) {
      opened.truncate(0).write(ByteBuffer.wrap(former.getBytes(StandardCharsets.UTF_8)), 0);
      Files.writeString(LIMIT, Long.toString(NEEDED));
    }
  }

  /** The kernel answers only the first read, and {@code Files} begins with a byte. */
  private static String current() throws IOException {
    try (InputStream in = Files.newInputStream(LIMIT)) {
      byte[] text = new byte[32];
      return new String(text, 0, in.read(text), StandardCharsets.UTF_8).strip();
    }
  }

  private synchronized void remove() throws IOException {
    if (--users > 0) {
      return;
    }
    try (FileChannel opened = file;
        FileLock held = lock) {
      if (opened == null || held == null) {
        throw new IllegalStateException("given back more often than raised");
      }
      held.release();
      try (FileLock last = opened.tryLock()) {
        String former = Files.readString(SHARED).strip();
        if (last != null && !former.isEmpty()) {
          Files.writeString(LIMIT, former);
          opened.truncate(0);
        }
      }
    }
  }
}
