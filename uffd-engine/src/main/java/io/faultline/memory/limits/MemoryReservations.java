package io.faultline.memory.limits;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Admits a demand if it fits, less what other processes were promised and have not taken yet. Each
 * promise is a file in a directory that all of them share; a lock file makes check and promise one
 * step. A promise ends with its process, or when it is closed. Huge pages are not promised: the
 * kernel reserves those of the pool when they are mapped. Thread-safe.
 */
public final class MemoryReservations {
  private static final String LOCK = "memory.lock";
  private static final String SUFFIX = ".memory";

  /** A holder needs milliseconds; one that is stopped must not stop all others. */
  private static final long LOCK_NANOS = TimeUnit.SECONDS.toNanos(3);

  private static final long RETRY_MILLIS = 5;

  private final Path directory;
  private final SystemFiles files;
  private final MemoryLimits limits;

  /** A promise that was kept or is no longer needed is closed. */
  public interface Reservation extends AutoCloseable {
    @Override
    void close();
  }

  /** The answer to a demand. */
  public sealed interface Answer {
    /** It fits, and is reserved. */
    record Admitted(Reservation reservation) implements Answer {}

    /** It does not fit, with the reason for the user. */
    record Refused(String why) implements Answer {}
  }

  /**
   * Reservations in a directory.
   *
   * @param directory exists and can be written
   */
  public MemoryReservations(Path directory, SystemFiles files) {
    this.directory = directory;
    this.files = files;
    limits = new MemoryLimits(files);
  }

  /**
   * Admits and reserves a demand, if it fits.
   *
   * @throws IOException if the directory cannot be used
   */
  public Answer admit(MemoryDemand demand) throws IOException {
    synchronized (MemoryReservations.class) { // file locks belong to the whole process
      try (FileChannel channel =
          FileChannel.open(
              directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        FileLock lock = lock(channel);
        try {
          return decide(demand);
        } finally {
          if (lock != null) {
            lock.release();
          }
        }
      }
    }
  }

  private Answer decide(MemoryDemand demand) throws IOException {
    List<Promise> others = promises();
    List<MemoryLimit> left = new ArrayList<>();
    for (MemoryLimit each : limits.of(demand.guestBytes().keySet())) {
      left.add(each.less(promised(each, others)));
    }
    Optional<String> refusal = MemoryLimits.refusal(left, demand);
    if (refusal.isPresent()) {
      return new Answer.Refused(refusal.get());
    }
    Promise own = Promise.ofThisProcess(demand.ordinaryBytes(), files);
    Path file = directory.resolve(own.process() + "-" + System.nanoTime() + SUFFIX);
    Files.writeString(file, own.text());
    return new Answer.Admitted(() -> delete(file));
  }

  /** What others were promised of a limit and have not taken. */
  private long promised(MemoryLimit limit, List<Promise> others) {
    boolean ordinary = limit.charged().applyAsLong(new MemoryDemand(Map.of(), 1)) > 0;
    if (!ordinary || limit.scope() == MemoryLimit.Scope.PROCESS) {
      return 0;
    }
    return others.stream()
        .filter(
            each ->
                limit.scope() == MemoryLimit.Scope.MACHINE || limits.bounds(limit, each.process()))
        .mapToLong(each -> each.outstandingBytes(files))
        .sum();
  }

  private List<Promise> promises() throws IOException {
    List<Promise> found = new ArrayList<>();
    try (Stream<Path> list = Files.list(directory)) {
      for (Path file : list.filter(each -> each.toString().endsWith(SUFFIX)).toList()) {
        Optional<Promise> promise = read(file);
        if (promise.isPresent() && promise.get().isAlive(files)) {
          found.add(promise.get());
        } else {
          delete(file);
        }
      }
    }
    return found;
  }

  private static Optional<Promise> read(Path file) throws IOException {
    try {
      return Promise.parse(Files.readString(file));
    } catch (NoSuchFileException e) {
      return Optional.empty(); // it has just ended
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // it ends with this process at the latest
    }
  }

  /** Null if another process holds the lock for too long: it is stopped. */
  private static @Nullable FileLock lock(FileChannel channel) throws IOException {
    long start = System.nanoTime();
    while (true) {
      try {
        FileLock lock = channel.tryLock();
        if (lock != null || System.nanoTime() - start > LOCK_NANOS) {
          return lock;
        }
        TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
      } catch (OverlappingFileLockException e) {
        throw new IllegalStateException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
  }
}
