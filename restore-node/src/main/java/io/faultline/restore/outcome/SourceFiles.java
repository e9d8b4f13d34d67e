package io.faultline.restore.outcome;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import io.faultline.uffd.linux.process.DescriptorHolder;
import io.faultline.uffd.linux.process.PidFd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is known about the source, in files of the {@link StateDirectory}. Each is replaced as a
 * whole.
 *
 * <pre>
 *   owned       exists once the restored processes are the only ones
 *   lease       the second of the machine's uptime until which the source keeps its processes
 *               frozen; "none" if that has no end
 *   connection  pid and start time of the holder of the connection
 *   origin      what the origin needs to continue. Secret
 *   killing     exists once the guard kills the restored processes
 * </pre>
 *
 * Not thread-safe.
 */
final class SourceFiles {
  private static final String OWNED = "owned";
  private static final String LEASE = "lease";
  private static final String CONNECTION = "connection";
  private static final String ORIGIN = "origin";
  private static final String KILLING = "killing";
  private static final String NO_END = "none";
  private static final Path UPTIME = Path.of("/proc/uptime");

  private final Path directory;

  /**
   * @param directory of the {@link StateDirectory}
   */
  SourceFiles(Path directory) {
    this.directory = directory;
  }

  void setOwned() throws IOException {
    write(OWNED, new byte[0]);
  }

  boolean isOwned() {
    return Files.exists(directory.resolve(OWNED));
  }

  boolean isKilling() {
    return Files.exists(directory.resolve(KILLING));
  }

  /**
   * The source keeps its processes for this time from now on.
   *
   * @param nanos {@link Long#MAX_VALUE} for ever
   */
  void setLease(long nanos) throws IOException {
    String end =
        nanos == Long.MAX_VALUE
            ? NO_END
            : String.valueOf(uptimeSeconds() + TimeUnit.NANOSECONDS.toSeconds(nanos));
    write(LEASE, (end + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** How long the source keeps its processes: 0 or less if it may have let them continue. */
  long leaseNanos() throws IOException {
    Path lease = directory.resolve(LEASE);
    if (!Files.exists(lease)) {
      return 0;
    }
    String end = Files.readString(lease).strip();
    return end.equals(NO_END)
        ? Long.MAX_VALUE
        : TimeUnit.SECONDS.toNanos(Long.parseLong(end) - uptimeSeconds());
  }

  /** The guard, a shell, reads the same clock. */
  private static long uptimeSeconds() throws IOException {
    String uptime = Files.readString(UPTIME);
    return Long.parseLong(uptime.substring(0, uptime.indexOf('.')));
  }

  void setConnection(DescriptorHolder holder) throws IOException {
    String line = holder.pid() + "\t" + holder.startTicks() + "\n";
    write(CONNECTION, line.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether there is a connection, even if its holder has exited. */
  boolean hasConnection() {
    return Files.exists(directory.resolve(CONNECTION));
  }

  /** The holder of the connection; null if there is none, or it has exited. */
  @Nullable PidFd connection() throws IOException {
    if (!hasConnection()) {
      return null;
    }
    String[] columns = Files.readString(directory.resolve(CONNECTION)).strip().split("\t", -1);
    return PidFd.open(Integer.parseInt(columns[0]), Long.parseLong(columns[1]));
  }

  void setOrigin(byte[] state) throws IOException {
    write(ORIGIN, state);
  }

  Optional<byte[]> origin() throws IOException {
    Path origin = directory.resolve(ORIGIN);
    return Files.exists(origin) ? Optional.of(Files.readAllBytes(origin)) : Optional.empty();
  }

  private void write(String name, byte[] contents) throws IOException {
    Path whole = directory.resolve(name + ".new");
    Files.write(whole, contents);
    Files.move(whole, directory.resolve(name), REPLACE_EXISTING, ATOMIC_MOVE);
  }
}
