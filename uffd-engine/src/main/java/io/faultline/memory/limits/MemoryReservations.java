package io.faultline.memory.limits;

import io.faultline.uffd.host.SystemFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Admits a demand if it fits, less what other processes were promised and have not taken yet. Each
 * promise is a file in a directory that all of them share; a lock file makes check and promise one
 * step. A promise ends with its process, or when it is closed. Thread-safe.
 */
public final class MemoryReservations {
  private static final String LOCK = "memory.lock";

  /**
   * A holder needs milliseconds. One that is stopped while it holds the lock must not stop the
   * caller, which has a source that waits.
   */
  private static final long LOCK_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Path directory;
  private final SystemFiles files;
  private final MemoryLimits limits;
  private final PromiseFiles promises;

  /** What this process had when it was measured beforehand; null if it was not. */
  private final @Nullable TakenMemory own;

  /** A promise. */
  public interface Reservation extends AutoCloseable {
    /**
     * Guest memory was mapped: limits that count mappings, such as the pool of huge pages, include
     * it from now on.
     */
    void mapped();

    /** It was kept, or is no longer needed. */
    @Override
    void close();
  }

  /** The answer to a demand. */
  public sealed interface Answer {
    /**
     * It is reserved.
     *
     * @param excess why it does not fit, for the user; empty if it fits
     */
    record Admitted(Reservation reservation, Optional<String> excess) implements Answer {}

    /** It does not fit, with the reason for the user. */
    record Refused(String why) implements Answer {}
  }

  /**
   * Reservations in a directory.
   *
   * @param directory exists and can be written
   */
  public MemoryReservations(Path directory, SystemFiles files) {
    this(directory, files, null);
  }

  private MemoryReservations(Path directory, SystemFiles files, @Nullable TakenMemory own) {
    this.directory = directory;
    this.files = files;
    this.own = own;
    limits = new MemoryLimits(files);
    promises = new PromiseFiles(directory, files);
  }

  /**
   * The same for a process that is about to wait for a demand that must then be answered soon: the
   * memory that it has already is measured now, since that takes milliseconds.
   */
  public MemoryReservations measured() {
    return new MemoryReservations(directory, files, ownNow());
  }

  private TakenMemory ownNow() {
    return TakenMemory.of(Long.toString(ProcessHandle.current().pid()), files);
  }

  /**
   * Admits and reserves a demand, if it fits. Takes a second at most if another process holds the
   * lock, and refuses the demand then.
   *
   * @param overcommit whether to admit it even if it does not fit
   * @throws IOException if the directory cannot be used
   */
  public Answer admit(MemoryDemand demand, boolean overcommit) throws IOException {
    synchronized (MemoryReservations.class) { // file locks belong to the whole process
      // Walking page tables takes long, so before the lock: until then they only take more.
      Map<Long, TakenMemory> taken = new HashMap<>();
      promises.living().forEach(each -> taken.put(each.process(), each.taken(files)));
      try (ReservationLock lock = ReservationLock.take(directory.resolve(LOCK), LOCK_NANOS)) {
        Optional<String> why =
            lock.isHeld() ? refusal(demand, taken) : Optional.of(blockedBy(lock));
        return why.isPresent() && !overcommit
            ? new Answer.Refused(why.get())
            : new Answer.Admitted(reserve(demand), why);
      }
    }
  }

  private String blockedBy(ReservationLock lock) throws IOException {
    return "the memory promised to other destinations is not known: "
        + lock.holder()
        + " holds "
        + directory.resolve(LOCK)
        + " and is stopped or hangs; end it";
  }

  private Optional<String> refusal(MemoryDemand demand, Map<Long, TakenMemory> taken)
      throws IOException {
    List<Promise> others = promises.living();
    others.forEach(each -> taken.computeIfAbsent(each.process(), _ -> each.taken(files)));
    List<MemoryLimit> left = new ArrayList<>();
    for (MemoryLimit each : limits.of(demand.guestBytes().keySet())) {
      left.add(withoutPromises(each, others, taken));
    }
    return MemoryLimits.refusal(left, demand);
  }

  /** A limit, less what others were promised of it and have not taken. */
  private MemoryLimit withoutPromises(
      MemoryLimit limit, List<Promise> others, Map<Long, TakenMemory> taken) {
    Map<Long, Long> bytesOf = new HashMap<>();
    for (Promise each : others) {
      if (isShared(limit, each)) {
        TakenMemory now = taken.getOrDefault(each.process(), TakenMemory.NONE);
        MemoryDemand outstanding = each.outstanding(limit.counted(), now);
        bytesOf.merge(each.process(), limit.charged().applyAsLong(outstanding), Long::sum);
      }
    }
    bytesOf.values().removeIf(bytes -> bytes == 0);
    long bytes = bytesOf.values().stream().mapToLong(Long::longValue).sum();
    return bytes == 0 ? limit : limit.withoutPromise(bytes, processes(bytesOf));
  }

  private boolean isShared(MemoryLimit limit, Promise promise) {
    return switch (limit.scope()) {
      case PROCESS -> false;
      case CGROUP -> limits.bounds(limit, promise.process());
      case FILE_SYSTEM, MACHINE -> true;
    };
  }

  private static String processes(Map<Long, Long> ids) {
    return ids.keySet().stream()
        .sorted()
        .map(id -> "process " + id)
        .collect(Collectors.joining(", "));
  }

  private Reservation reserve(MemoryDemand demand) throws IOException {
    Promise promise = Promise.ofThisProcess(demand, files, own == null ? ownNow() : own);
    Path file = promises.add(promise);
    return new Reservation() {
      @Override
      public void mapped() {
        try {
          if (Files.exists(file)) {
            promises.replace(file, promise.afterMapping());
          }
        } catch (IOException e) {
          // others count it twice until it is closed, and are refused rather than admitted
        }
      }

      @Override
      public void close() {
        PromiseFiles.delete(file);
      }
    };
  }
}
